import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import type { MessageFragment } from "../../model/message-fragment.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { assignCallIds, type CallIds } from "./call-ids.ts";
import { countUnsayable, metadataBesideSystem, userTexts } from "./left-out.ts";

type Status = "completed" | "in_progress" | "incomplete";

interface Item {
  type: "message" | "function_call" | "function_call_output";
  id?: string;
  status: Status;
  [field: string]: unknown;
}

/**
 * The conversation as one line, an OpenAI conversation object with its items, without the line break. The id of a
 * turn's first item is the turn's, and the status of its last item is the turn's state. Counts in the notes what items
 * cannot express.
 */
export function writeOpenaiItems(record: ConversationRecord, notes: ReadingNotes): string {
  countUnsayable(record, notes);
  const ids = assignCallIds(record);
  const { system } = record.metadata;
  const instructions = system === undefined ? [] : [message("system", [inputText(system)])];
  const items = record.turns.flatMap((turn) => withTurnId(turn, writeTurn(turn, ids, notes)));
  return JSON.stringify({
    id: record.id,
    object: "conversation",
    created_at: Math.floor(record.createdAt.getTime() / 1000),
    metadata: metadataBesideSystem(record),
    items: [...instructions, ...items],
  });
}

function writeTurn(turn: TurnRecord, ids: CallIds, notes: ReadingNotes): Item[] {
  if (turn.role === "user") return [message("user", userTexts(turn, notes).map(inputText))];
  if (turn.state === "error") notes.countLeftOut("turn state error (written as incomplete)");
  const items = turn.messages.map((fragment) => writeFragment(fragment, ids));
  const last = items.at(-1) ?? message("assistant", []);
  last.status = turn.state === "done" ? "completed" : turn.state === "in-progress" ? "in_progress" : "incomplete";
  return items.length === 0 ? [last] : items;
}

function writeFragment(fragment: MessageFragment, ids: CallIds): Item {
  switch (fragment.kind) {
    case "text": {
      const status = fragment.state === "done" ? "completed" : "in_progress";
      return message("assistant", [{ type: "output_text", text: fragment.content, annotations: [] }], status);
    }
    case "functionCall": {
      const { name, args } = fragment;
      const call = { call_id: ids.idOf(fragment), name, arguments: JSON.stringify(args) };
      return { type: "function_call", status: "completed", ...call };
    }
    case "functionResponse": {
      const { name, response } = fragment;
      const said = ids.isNamedByCall(fragment) ? {} : { name };
      return {
        type: "function_call_output",
        status: "completed",
        call_id: ids.idOf(fragment),
        ...said,
        output: response,
      };
    }
  }
}

function withTurnId({ id }: TurnRecord, [first, ...rest]: Item[]): Item[] {
  return first === undefined ? [] : [{ id, ...first }, ...rest];
}

function message(role: "system" | "user" | "assistant", content: object[], status: Status = "completed"): Item {
  return { type: "message", role, status, content };
}

function inputText(text: string): object {
  return { type: "input_text", text };
}
