import type { MessageFragment, TextFragment, TurnRole, TurnState } from "../model/message-fragment.ts";
import type { Fields } from "./fields.ts";
import { type CallNames, readCall, readCallOutput } from "./foundry-calls.ts";
import type { ReadingNotes } from "./reading-notes.ts";

interface ItemTurn {
  /** The id of the turn's first item; null when it has none. */
  itemId: string | null;
  role: TurnRole;
  state: TurnState;
  messages: MessageFragment[];
}

export interface ItemTrajectory {
  /** What system and developer messages say, in their order. */
  instructions: string[];
  /** By the rule for chat messages: what assistants, calls and their outputs add up to the next user message is one turn. */
  turns: ItemTurn[];
}

/** The types of a message's parts that are text, and the field that holds it. */
const TEXT_FIELDS: ReadonlyMap<string, string> = new Map([
  ["text", "text"],
  ["input_text", "text"],
  ["output_text", "text"],
  ["summary_text", "text"],
  ["refusal", "refusal"],
]);

/**
 * The turns that the items of a conversation make. Calls of every kind of tool are kept; what is neither said nor called
 * (reasoning, approvals, images) is counted as left out. Throws RecordError for an item that breaks its form.
 */
export function readItems(items: readonly Fields[], notes: ReadingNotes): ItemTrajectory {
  const trajectory: ItemTrajectory = { instructions: [], turns: [] };
  const calls: CallNames = new Map();
  for (const item of items) {
    const type = item.optionalText("type") ?? "message";
    if (type === "message") readMessage(item, trajectory, notes);
    else if (type.endsWith("_call")) continueAssistant(trajectory, item, readCall(item, type, calls));
    else if (type.endsWith("_call_output")) continueAssistant(trajectory, item, [readCallOutput(item, type, calls)]);
    else {
      notes.countLeftOut(`item ${type}`);
      continue;
    }
    item.countUnknown();
  }
  return trajectory;
}

function readMessage(item: Fields, trajectory: ItemTrajectory, notes: ReadingNotes): void {
  const itemId = item.optionalText("id");
  const isWhole = (item.optionalText("status") ?? "completed") === "completed";
  const role = item.text("role");
  const content = readContent(item, notes);
  if (role === "user") trajectory.turns.push({ itemId, role, state: "done", messages: [text(content, "done")] });
  else if (role === "assistant") continueAssistant(trajectory, item, [text(content, isWhole ? "done" : "in-progress")]);
  else if (role === "system" || role === "developer") trajectory.instructions.push(content);
  else notes.countLeftOut(`message of the role ${role}`);
}

/** The turn is in the state that its last item is in. */
function continueAssistant({ turns }: ItemTrajectory, item: Fields, messages: readonly MessageFragment[]): void {
  const itemId = item.optionalText("id");
  const status = item.optionalText("status");
  const state = status === "in_progress" ? "in-progress" : status === "incomplete" ? "stopped" : "done";
  const last = turns.at(-1);
  if (last?.role !== "assistant") {
    turns.push({ itemId, role: "assistant", state, messages: [...messages] });
  } else {
    last.state = state;
    last.messages.push(...messages);
  }
}

/** The text of a message; of its parts that are text one under the other. */
function readContent(message: Fields, notes: ReadingNotes): string {
  if (!Array.isArray(message.value("content"))) return message.optionalText("content") ?? "";
  const texts = message.list("content").flatMap((part) => {
    const type = part.text("type");
    const field = TEXT_FIELDS.get(type);
    if (field === undefined) {
      notes.countLeftOut(`part ${type}`);
      return [];
    }
    const partText = part.text(field);
    // Empty lists of annotations and probabilities come with every text.
    for (const [name, value] of part.unread()) if (Array.isArray(value) && value.length === 0) part.value(name);
    part.countUnknown();
    return [partText];
  });
  return texts.join("\n");
}

function text(content: string, state: TextFragment["state"]): TextFragment {
  return { kind: "text", content, state };
}
