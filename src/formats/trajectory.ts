import type { ItemRecord } from "../model/conversation-record.ts";
import type { JsonObject } from "../model/json.ts";
import type { MessageFragment, TurnRole, TurnState } from "../model/message-fragment.ts";

export interface Trajectory {
  /** The texts of system and developer messages, in order. */
  instructions: string[];
  turns: TrajectoryTurn[];
  /** The items that are kept ahead of the first turn; none when absent. */
  items?: ItemRecord[];
}

export interface TrajectoryTurn {
  /** The id of the turn's first message; null when that has none. */
  id: string | null;
  role: TurnRole;
  state: TurnState;
  /** The first time among the turn's messages; null when none has one. */
  timestamp: Date | null;
  messages: MessageFragment[];
  /** Whether the turn was made of items that are kept; not when absent. */
  ofItems?: boolean;
  /** The items that are kept of the turn, and those that stand behind it; none when absent. */
  items?: ItemRecord[];
}

/** A message's data beside its content. */
export interface MessageInfo {
  /** The speaker of the message's texts; `instruction` for system and developer messages. */
  speaker: TurnRole | "instruction";
  id?: string | null;
  timestamp?: Date | null;
  /** The state that the message gives an assistant's turn; `done` when absent. */
  state?: TurnState;
  /** Kept with each fragment of the message. */
  metadata?: JsonObject;
}

export interface CallEvent {
  id: string | null;
  name: string;
  /** As found: an object, its JSON text, or anything else. */
  args: unknown;
  /** The path of the arguments, for messages. */
  path: string;
}

export interface ResponseEvent {
  callId: string | null;
  /** The function's name in the response; null to use that of the call that it answers. */
  name: string | null;
  content: string;
  /** Null where the format does not say: a response that begins with `Error` then failed. */
  failed: boolean | null;
  /** The response's name when neither it nor its call has one. */
  unnamed?: string;
  /** Whether only a call with the id gives the response its name; otherwise the turn's only open call may. */
  isNamedById?: boolean;
}
