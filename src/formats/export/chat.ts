import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import { formatInstant } from "../../model/instant.ts";
import type { FunctionCallFragment } from "../../model/message-fragment.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { assignCallIds, type CallIds } from "./call-ids.ts";
import { countState, countUnsayable, metadataBesideSystem, userTexts } from "./left-out.ts";

interface ChatMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string | { type: "text"; text: string }[] | null;
  tool_calls?: object[];
  tool_call_id?: string;
  name?: string;
}

/**
 * The conversation as one line `{id, created_at, metadata, messages}` of OpenAI chat messages, without the line break.
 * A turn without fragments becomes a message with empty content. Counts in the notes what chat messages cannot express.
 */
export function writeChat(record: ConversationRecord, notes: ReadingNotes): string {
  countUnsayable(record, notes);
  const ids = assignCallIds(record);
  const { system } = record.metadata;
  const instructions: ChatMessage[] = system === undefined ? [] : [{ role: "system", content: system }];
  const messages = record.turns.flatMap((turn) => {
    countState(turn, notes);
    return turn.role === "user" ? [writeUser(turn, notes)] : writeAssistant(turn, ids);
  });
  const { id, createdAt } = record;
  return JSON.stringify({
    id,
    created_at: formatInstant(createdAt),
    metadata: metadataBesideSystem(record),
    messages: [...instructions, ...messages],
  });
}

function writeUser(turn: TurnRecord, notes: ReadingNotes): ChatMessage {
  const texts = userTexts(turn, notes);
  const [text = "", ...more] = texts;
  return {
    role: "user",
    content: more.length === 0 ? text : texts.map((part) => ({ type: "text", text: part })),
  };
}

function writeAssistant({ messages: fragments }: TurnRecord, ids: CallIds): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const fragment of fragments) {
    if (fragment.kind === "text") messages.push({ role: "assistant", content: fragment.content });
    else if (fragment.kind === "functionCall") addCall(messages, writeCall(fragment, ids));
    else {
      const { name, response } = fragment;
      const said = ids.isNamedByCall(fragment) ? {} : { name };
      messages.push({ role: "tool", tool_call_id: ids.idOf(fragment), ...said, content: response });
    }
  }
  return messages.length === 0 ? [{ role: "assistant", content: "" }] : messages;
}

/** Calls join the text before them, as in the API's own messages; empty content beside calls says nothing. */
function addCall(messages: ChatMessage[], call: object): void {
  const last = messages.at(-1);
  if (last?.role === "assistant" && last.content !== "") last.tool_calls = [...(last.tool_calls ?? []), call];
  else messages.push({ role: "assistant", content: null, tool_calls: [call] });
}

function writeCall(call: FunctionCallFragment, ids: CallIds): object {
  return { id: ids.idOf(call), type: "function", function: { name: call.name, arguments: JSON.stringify(call.args) } };
}
