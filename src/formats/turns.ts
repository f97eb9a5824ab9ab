import type { ConversationRecord, TurnRecord } from "../model/conversation-record.ts";
import { TURN_ROLES, TURN_STATES } from "../model/message-fragment.ts";
import type { Fields } from "./fields.ts";
import { readFragment } from "./fragments.ts";
import { readId, readInstant } from "./scalars.ts";
import { derivedTurnId, syntheticTimestamp } from "./synthetic.ts";

export interface TurnList {
  turns: TurnRecord[];
  /** Whether the turns had no timestamps and got synthetic ones; true for no turns. */
  timesMadeUp: boolean;
  turnIds: ConversationRecord["turnIds"];
}

/** A turn with the fields that it was read from, for messages about rules that span turns. */
interface ReadTurn {
  fields: Fields;
  turn: TurnRecord;
}

/** What a format has of a turn beside the documented wire shape. */
type OwnFields = Pick<TurnRecord, "metadata" | "revision" | "ofItems" | "items">;

/**
 * The turns of a conversation in the documented wire shape, in order. A turn without an id gets one from its place.
 * When no turn has a timestamp, they are synthetic from `start` on; when only some have one, it is a RecordError,
 * because a time between known ones would be a guess that reads like a fact.
 */
export function parseTurns(
  list: readonly Fields[],
  conversationId: string,
  start: Date,
  readOwn: (turn: Fields) => OwnFields = () => ({ metadata: {}, revision: null }),
): TurnList {
  const timesMadeUp = list.every((fields) => fields.value("timestamp") === undefined);
  const read = list.map((fields, index): ReadTurn => {
    const id = readId(fields, "turn") ?? derivedTurnId(conversationId, index + 1);
    const timestamp = timesMadeUp ? syntheticTimestamp(start, index) : readInstant(fields, "timestamp");
    return { fields, turn: readTurn(fields, id, timestamp, readOwn) };
  });
  checkIds(read, conversationId);
  checkReplies(read);
  const turnIds = list.every((fields) => fields.value("id") !== undefined) ? "global" : "derived";
  return { turns: read.map(({ turn }) => turn), timesMadeUp, turnIds };
}

function readTurn(fields: Fields, id: string, timestamp: Date, readOwn: (turn: Fields) => OwnFields): TurnRecord {
  const role = fields.word("role", TURN_ROLES);
  const messages = fields.list("messages").map(readFragment);
  const state = fields.optionalWord("state", TURN_STATES) ?? "done";
  if (role === "user" && state !== "done") throw fields.error("state", "must be done on a user turn");
  const errorDetail = fields.optionalText("errorDetail");
  if (errorDetail !== null && state !== "error") throw fields.error("errorDetail", "goes with the state error only");
  const inReplyToId = fields.optionalText("inReplyToId");
  const own = readOwn(fields);
  fields.countUnknown();
  return { id, role, state, timestamp, messages, errorDetail, inReplyToId, ...own };
}

function checkIds(read: readonly ReadTurn[], conversationId: string): void {
  const taken = new Set([conversationId]);
  for (const { fields, turn } of read) {
    if (taken.has(turn.id)) throw fields.error("id", "is used twice in the conversation");
    taken.add(turn.id);
  }
}

function checkReplies(read: readonly ReadTurn[]): void {
  const questions = new Set(read.flatMap(({ turn }) => (turn.role === "user" ? [turn.id] : [])));
  for (const { fields, turn } of read) {
    if (turn.inReplyToId === null) continue;
    if (turn.role === "user") throw fields.error("inReplyToId", "goes with assistant turns only");
    if (!questions.has(turn.inReplyToId)) {
      throw fields.error("inReplyToId", "must name a user turn of the same conversation");
    }
  }
}
