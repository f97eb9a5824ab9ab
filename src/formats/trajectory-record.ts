import { type ConversationRecord, UNDESCRIBED } from "../model/conversation-record.ts";
import { isIdOf } from "../model/ids.ts";
import { derivedTurnId, syntheticTimestamp } from "./synthetic.ts";
import type { Trajectory, TrajectoryTurn } from "./trajectory.ts";

/** What a conversation is beside its turns. */
export interface ConversationOrigin {
  id: string;
  /** The conversation's own times; null where it has none. */
  createdAt: Date | null;
  updatedAt: Date | null;
  metadata: Record<string, string>;
  /** When the conversation began where neither it nor a turn has a time. */
  start: Date;
}

/**
 * The conversation that a trajectory makes. Turns are called as their first message, and where no turn may be called that,
 * by their place. A turn without time has that of the turn before it; when no turn has one, they are made up from the
 * conversation's own on.
 */
export function recordOf({ turns }: Trajectory, origin: ConversationOrigin): ConversationRecord {
  const { id, metadata } = origin;
  const known = turns.find(({ timestamp }) => timestamp !== null)?.timestamp ?? null;
  const createdAt = origin.createdAt ?? known ?? origin.start;
  const timestamps =
    known === null ? turns.map((_, index) => syntheticTimestamp(createdAt, index)) : fillIn(turns, known);
  const nameTurn = turnNamer(id);
  return {
    ...UNDESCRIBED,
    id,
    createdAt,
    updatedAt: origin.updatedAt ?? timestamps.at(-1) ?? createdAt,
    metadata,
    timesMadeUp: known === null,
    turnIds: turns.every((turn) => turn.id !== null) ? "local" : "derived",
    turns: turns.map(({ id: ownId, role, state, messages }, index) => ({
      id: nameTurn(ownId, index + 1),
      role,
      state,
      timestamp: timestamps[index] ?? createdAt,
      messages,
      errorDetail: null,
      inReplyToId: null,
      revision: null,
    })),
  };
}

/** What the instructions of a trajectory are in a conversation's metadata; none when there are none. */
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

/** Names turns by their own ids; where no turn may be called that, or another of the conversation is, by the place. */
function turnNamer(conversationId: string): (ownId: string | null, position: number) => string {
  const taken = new Set([conversationId]);
  return (ownId, position) => {
    const isFree = ownId !== null && isIdOf("turn", ownId) && !taken.has(ownId);
    const id = isFree ? ownId : derivedTurnId(conversationId, position);
    taken.add(id);
    return id;
  };
}
