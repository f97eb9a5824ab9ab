import type { ConversationRow } from "../read/conversations.ts";
import type { TurnRead } from "../read/turns.ts";
import { encodePosition, type ListPosition } from "./list-position.ts";
import type { ConversationState, Fit } from "./read-states.ts";

/** A conversation of a list that came, changed or went. One object for all watchers who are told the same: never changed. */
export interface ConversationChange {
  id: string;
  /** In its last state; null for one that is gone. */
  conversation: ConversationRow | null;
  /** The turn of the last change, its messages null where no watcher wants them; null where that was none of a turn. */
  turn: TurnRead | null;
  /** Whether the filter does not let it through any more. */
  left: boolean;
  /** The watcher's place after this event. */
  position: ListPosition;
  /** The same as clients name it. */
  cursor: string;
}

/** What a watcher is told of the state; null where it is no matter of the list. */
export function toChange(
  { id, conversation, turn }: ConversationState,
  fit: Fit,
  position: ListPosition,
): ConversationChange | null {
  if (conversation !== null && fit === "never") return null;
  const left = conversation !== null && fit === "left";
  return { id, conversation, turn, left, position, cursor: encodePosition(position) };
}

const MAX_REMEMBERED = 1000;

/** What one watcher was told of the last thousand conversations. */
export interface ToldChanges {
  /** Whether the change is new to the watcher, and no older than what it was told; remembers it. A conversation leaves once. */
  isNew(change: ConversationChange): boolean;
}

export function createToldChanges(): ToldChanges {
  const told = new Map<string, { revision: number | null; left: boolean }>();
  return {
    isNew({ id, conversation, left }) {
      const former = told.get(id);
      const revision = conversation?.revision ?? null;
      if (former !== undefined && isNoNewer(revision, former.revision)) return false;
      told.delete(id);
      told.set(id, { revision, left });
      const [oldest] = told.keys();
      if (told.size > MAX_REMEMBERED && oldest !== undefined) told.delete(oldest);
      return !(left && former?.left === true);
    },
  };
}

/** Whether a revision is that one or an earlier one. What is gone is newer than any, and what comes after that again. */
function isNoNewer(revision: number | null, former: number | null): boolean {
  return revision === null || former === null ? revision === former : revision <= former;
}
