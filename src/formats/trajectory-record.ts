import { type ConversationRecord, UNDESCRIBED } from "../model/conversation-record.ts";
import { isIdOf } from "../model/ids.ts";
import { derivedTurnId, syntheticTimestamp } from "./synthetic.ts";
import type { Trajectory, TrajectoryTurn } from "./trajectory.ts";

/** A conversation's data beside its turns. */
export interface ConversationOrigin {
  id: string;
  /** The conversation's own times; null where it has none. */
  createdAt: Date | null;
  updatedAt: Date | null;
  metadata: Record<string, string>;
  /** The synthetic beginning of a conversation without any time. */
  start: Date;
}

/**
 * The conversation of a trajectory. A turn has the id of its first message, or one made from its place when no turn may
 * have that id. A turn without a time has that of the turn before, and at the beginning the conversation's own unless the first
 * known one is earlier; when no turn has one, they are synthetic, from the conversation's own on.
 */
export function recordOf({ turns, items: ahead }: Trajectory, origin: ConversationOrigin): ConversationRecord {
  const { id, metadata } = origin;
  const known = turns.find(({ timestamp }) => timestamp !== null)?.timestamp ?? null;
  const createdAt = origin.createdAt ?? known ?? origin.start;
  const timestamps =
    known === null
      ? turns.map((_, index) => syntheticTimestamp(createdAt, index))
      : fillIn(turns, new Date(Math.min(createdAt.getTime(), known.getTime())));
  const nameTurn = turnNamer(id);
  return {
    ...UNDESCRIBED,
    id,
    createdAt,
    updatedAt: origin.updatedAt ?? timestamps.at(-1) ?? createdAt,
    metadata,
    timesMadeUp: known === null,
    turnIds: turns.every((turn) => turn.id !== null) ? "local" : "derived",
    turns: turns.map(({ id: ownId, role, state, messages, ofItems, items }, index) => ({
      id: nameTurn(ownId, index + 1),
      role,
      state,
      timestamp: timestamps[index] ?? createdAt,
      messages,
      errorDetail: null,
      inReplyToId: null,
      metadata: {},
      revision: null,
      ...(ofItems !== undefined && { ofItems }),
      ...(items !== undefined && { items }),
    })),
    ...(ahead !== undefined && { items: ahead }),
  };
}

/** The instructions of a trajectory as a pair of metadata; empty without instructions. */
export function systemPairs({ instructions }: Trajectory): [key: string, value: string][] {
  return instructions.length === 0 ? [] : [["system", instructions.join("\n")]];
}

function fillIn(turns: readonly TrajectoryTurn[], first: Date): Date[] {
  let last = first;
  return turns.map(({ timestamp }) => {
    last = timestamp ?? last;
    return last;
  });
}

/** A function that names turns by their own ids; by place when no turn may have the id, or another turn has it. */
function turnNamer(conversationId: string): (ownId: string | null, position: number) => string {
  const taken = new Set([conversationId]);
  return (ownId, position) => {
    const isFree = ownId !== null && isIdOf("turn", ownId) && !taken.has(ownId);
    const id = isFree ? ownId : derivedTurnId(conversationId, position);
    taken.add(id);
    return id;
  };
}
