import { createHash } from "node:crypto";

import { derivedTurnId } from "../formats/synthetic.ts";
import { type ConversationRecord, type TurnRecord, UNDESCRIBED } from "../model/conversation-record.ts";
import { derivedId } from "../model/ids.ts";
import type { JsonObject } from "../model/json.ts";
import type { FragmentState, MessageFragment } from "../model/message-fragment.ts";

const BETWEEN_TURNS_MS = 21_417;

/** A sample as it is written down; ids and instants follow from the title and the beginning. */
interface Sample {
  title: string;
  createdAt: string;
  agent: ConversationRecord["agent"];
  user?: string;
  metadata?: Record<string, string>;
  turns: SampleTurn[];
}

type SampleTurn = Pick<TurnRecord, "role" | "messages"> & Partial<Pick<TurnRecord, "state" | "errorDetail">>;

/** The sample as a conversation. Each assistant turn replies to the user turn before it. */
export function sample({ title, createdAt, agent, user, metadata, turns }: Sample): ConversationRecord {
  const id = derivedId("conversation", createHash("sha256").update(`sample ${title}`).digest());
  const start = new Date(createdAt);
  const records = turns.map((turn, index): TurnRecord => {
    const question = turns.slice(0, index).findLastIndex(({ role }) => role === "user");
    return {
      id: derivedTurnId(id, index + 1),
      role: turn.role,
      state: turn.state ?? "done",
      timestamp: new Date(start.getTime() + index * BETWEEN_TURNS_MS),
      messages: turn.messages,
      errorDetail: turn.errorDetail ?? null,
      inReplyToId: turn.role === "assistant" && question >= 0 ? derivedTurnId(id, question + 1) : null,
      metadata: {},
      revision: null,
    };
  });
  return {
    ...UNDESCRIBED,
    id,
    createdAt: start,
    updatedAt: records.at(-1)?.timestamp ?? start,
    metadata: { title, ...metadata },
    agent,
    isolationKey: user ?? null,
    timesMadeUp: false,
    turnIds: "global",
    turns: records,
  };
}

/** A user's turn with one text. */
export function user(content: string): SampleTurn {
  return { role: "user", messages: [text(content)] };
}

/** An assistant's turn with these messages. */
export function assistant(...messages: MessageFragment[]): SampleTurn {
  return { role: "assistant", messages };
}

/** A text fragment. */
export function text(content: string, state: FragmentState = "done", metadata?: JsonObject): MessageFragment {
  return { kind: "text", content, state, ...(metadata && { metadata }) };
}

/** A call fragment. */
export function call(name: string, args: JsonObject, metadata?: JsonObject): MessageFragment {
  return { kind: "functionCall", name, args, ...(metadata && { metadata }) };
}

/** The fragment of a successful response. */
export function response(name: string, result: string, metadata?: JsonObject): MessageFragment {
  return { kind: "functionResponse", name, response: result, failed: false, ...(metadata && { metadata }) };
}

/** The fragment of a failed response. */
export function failure(name: string, result: string): MessageFragment {
  return { kind: "functionResponse", name, response: result, failed: true };
}
