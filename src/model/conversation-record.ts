import type { MessageFragment, TurnRole, TurnState } from "./message-fragment.ts";

/**
 * A whole conversation as files carry it and the store writes it. The reader of a format has checked every rule; the
 * database checks them again.
 */
export interface ConversationRecord {
  id: string;
  /** The time in the file, else the first turn's timestamp. */
  createdAt: Date;
  /** The time in the file, else the last turn's timestamp. */
  updatedAt: Date;
  metadata: Record<string, string>;
  agent: { name: string; version: string | null } | null;
  /** The isolation key of the conversation's user; null for none. */
  isolationKey: string | null;
  /** The conversation's change number; null counts its turns. */
  revision: number | null;
  /** True when the file has no times and the reader invented them: a known conversation then keeps its own. */
  timesMadeUp: boolean;
  /**
   * The scope of the turns' ids. A `global` id names a turn of the project, a `local` one a turn of its conversation.
   * `derived`: at least one id is made from the turn's place, and does not identify a turn of a known conversation.
   */
  turnIds: "global" | "local" | "derived";
  turns: TurnRecord[];
  /** The items ahead of the first turn; none when absent. */
  items?: ItemRecord[];
}

/** An item of the Conversations API, as it is stored. */
export interface ItemRecord {
  /** Its JSON text. */
  json: string;
  /** How many of the turn's fragments are the item's; null for one that belongs to no turn. */
  fragments: number | null;
}

/** What a record holds beside its turns where its source says nothing of it. */
export const UNDESCRIBED = {
  metadata: {},
  agent: null,
  isolationKey: null,
  revision: null,
} as const satisfies Partial<ConversationRecord>;

export interface TurnRecord {
  id: string;
  role: TurnRole;
  state: TurnState;
  timestamp: Date;
  messages: MessageFragment[];
  /** Set only in the state `error`. */
  errorDetail: string | null;
  /** A user turn of the same conversation; only on an assistant turn. */
  inReplyToId: string | null;
  metadata: Record<string, string>;
  /** The change number of the turn's last change; null takes its position. */
  revision: number | null;
  /** Whether the turn was made of items; not when absent. */
  ofItems?: boolean;
  /** The items of the turn, in order, and those that stand behind it; none when absent. */
  items?: ItemRecord[];
}

/** Whether the record says anything of items: one that does not leaves those of a known conversation as they are. */
export function carriesItems({ items = [], turns }: Pick<ConversationRecord, "items" | "turns">): boolean {
  return items.length > 0 || turns.some((turn) => turn.ofItems === true || (turn.items ?? []).length > 0);
}
