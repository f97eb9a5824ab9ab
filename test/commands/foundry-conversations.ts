import type { FoundryConversation } from "./stand-in.ts";

type Item = FoundryConversation["items"][number];

/** A user message. */
export const said = (id: string, text: string): Item => ({
  type: "message",
  id,
  status: "completed",
  role: "user",
  content: [{ type: "input_text", text }],
});

/** An assistant message. */
export const answered = (id: string, text: string, status: "completed" | "in_progress" = "completed"): Item => ({
  type: "message",
  id,
  status,
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
});

/** The conversation with that number: a question and its answer. */
export function conversation(index: number, given: Partial<FoundryConversation> = {}): FoundryConversation {
  return {
    id: `conv_${String(index).padStart(3, "0")}`,
    object: "conversation",
    created_at: 1_741_900_000 + index,
    metadata: {},
    items: [said(`msg_${index}_1`, `question ${index}`), answered(`msg_${index}_2`, `answer ${index}`)],
    ...given,
  };
}

/** The first so many of them, oldest first. */
export const conversations = (count: number) => Array.from({ length: count }, (_, index) => conversation(index));

/** The same as `stored` shows them. */
export const asStored = (count: number) =>
  conversations(count).map(({ id }, index) => `${id} | question ${index} | answer ${index}`);
