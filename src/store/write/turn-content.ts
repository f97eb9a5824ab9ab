import {
  calledFunctions,
  type MessageFragment,
  searchedText,
  type TurnRole,
  type TurnState,
} from "../../model/message-fragment.ts";
import { writtenColumns } from "../sql/written-columns.ts";
import { turns } from "../tables/turns.ts";

/** A turn that is to be stored, its rules checked. */
export interface NewTurn {
  /** The id that the caller chose; null for a new one. */
  id: string | null;
  role: TurnRole;
  state: TurnState;
  messages: MessageFragment[];
  errorDetail: string | null;
  inReplyToId: string | null;
  timestamp: Date;
  metadata: Record<string, string>;
}

/** The columns of a turn that its writer gives. */
export const TURN_CONTENT = writtenColumns(
  turns,
  "projectId",
  "id",
  "conversationId",
  "position",
  "revision",
  "bytes",
  "highSurrogate",
  "chunksAfter",
  "ofItems",
  "itemsAfter",
);

/** What the indexes keep of a turn, as values of its columns: of the words of one in progress, nothing. */
export function indexedOf({ state, messages }: { state: TurnState; messages: readonly MessageFragment[] }): {
  words: string | null;
  calledFunctions: string[] | null;
} {
  return {
    words: state === "in-progress" ? null : searchedText(messages),
    calledFunctions: calledFunctions(messages),
  };
}
