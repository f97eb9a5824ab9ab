import type { MessageFragment, TurnRole, TurnState } from "./message-fragment.ts";

/**
 * A whole conversation as files carry it and the store writes it. The reader of a format has checked every rule;
 * the database checks them again.
 */
export interface ConversationRecord {
  id: string;
  /** The first turn's timestamp, or what the file says. */
  createdAt: Date;
  /** What the file says, else the last turn's timestamp. */
  updatedAt: Date;
  metadata: Record<string, string>;
  agent: { name: string; version: string | null } | null;
  /** The user under whose isolation key the conversation is kept; null for none. */
  isolationKey: string | null;
  /** The conversation's change number; null counts its turns. */
  revision: number | null;
  /**
   * True when the file had no times and they were made up: a conversation that is known already keeps the times it has.
   */
  timesMadeUp: boolean;
  /**
   * What the turns' ids are: `global` ones name a turn of the project; `local` ones a turn of their conversation; `derived`
   * ones are made from the place of at least one turn, and say nothing about which turn of a known conversation it is.
   */
  turnIds: "global" | "local" | "derived";
  turns: TurnRecord[];
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
  /** The change number at which the turn last changed; null takes its position. */
  revision: number | null;
}
