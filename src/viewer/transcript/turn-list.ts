import type { Fragment, TextFragment, Turn } from "./turn.ts";

/** A turn with its place among the conversation's turns. */
export interface TurnRow {
  cursor: string;
  turn: Turn;
}

/** The part of a conversation that is loaded: rows whose positions have no gap. */
export interface TurnList {
  rows: readonly TurnRow[];
  hasOlder: boolean;
  hasNewer: boolean;
}

/** A page as the graph gives it. */
export interface TurnPage {
  edges: readonly { cursor: string; node: Turn }[];
  pageInfo: { hasPreviousPage: boolean; hasNextPage: boolean };
}

/** Text that was added to a fragment of a turn, from the offset on. */
export interface Delta {
  text: string;
  offset: number;
  fragment: number;
}

export const NO_TURNS: TurnList = { rows: [], hasOlder: false, hasNewer: false };

/** The list with a page of older turns ahead. */
export function withOlder(list: TurnList, { edges, pageInfo }: TurnPage): TurnList {
  const first = list.rows[0]?.turn.position ?? Number.POSITIVE_INFINITY;
  const older = toRows(edges).filter(({ turn }) => turn.position < first);
  return { ...list, rows: [...older, ...list.rows], hasOlder: pageInfo.hasPreviousPage };
}

/** The list with a page of newer turns behind. */
export function withNewer(list: TurnList, { edges, pageInfo }: TurnPage): TurnList {
  const last = list.rows.at(-1)?.turn.position ?? 0;
  const newer = toRows(edges).filter(({ turn }) => turn.position > last);
  return { ...list, rows: [...list.rows, ...newer], hasNewer: pageInfo.hasNextPage };
}

/**
 * The list with the turn in its place, unless a later state of it is there. A turn behind a gap is not taken: the list then
 * has newer turns. One ahead of the list is left to its page.
 */
export function withTurn(list: TurnList, row: TurnRow): TurnList {
  const { turn } = row;
  const known = list.rows.findIndex((other) => other.turn.id === turn.id);
  if (known >= 0) {
    const isNews = turn.revision > (list.rows[known]?.turn.revision ?? 0);
    return isNews ? { ...list, rows: list.rows.with(known, row) } : list;
  }
  const first = list.rows[0]?.turn.position;
  if (first === undefined ? list.hasOlder : turn.position < first) return list;
  // Only the last turns of a conversation are ever deleted: what stood in the new turn's place is gone, with all behind it.
  const kept = list.rows.filter((other) => other.turn.position < turn.position);
  const next = (kept.at(-1)?.turn.position ?? turn.position - 1) + 1;
  return turn.position === next ? { ...list, rows: [...kept, row] } : { ...list, hasNewer: true };
}

/** The list without the turn. */
export function withoutTurn(list: TurnList, id: string): TurnList {
  return { ...list, rows: list.rows.filter(({ turn }) => turn.id !== id) };
}

/** The turn with the text added; null where the text does not begin just where the turn's ends, so that the turn has to be read. */
export function withDelta(turn: Turn, { text, offset, fragment }: Delta, revision: number): Turn | null {
  const known = turn.messages[fragment];
  if (known === undefined && (fragment !== turn.messages.length || offset !== 0)) return null;
  const grown = known ?? NEW_TEXT;
  if (grown.__typename !== "TextFragment" || grown.content.length !== offset) return null;
  const messages: Fragment[] = [...turn.messages];
  messages[fragment] = { ...grown, content: grown.content + text };
  return { ...turn, revision, messages };
}

const NEW_TEXT: TextFragment = {
  __typename: "TextFragment",
  content: "",
  fragmentState: "IN_PROGRESS",
  metadata: null,
};

function toRows(edges: TurnPage["edges"]): TurnRow[] {
  return edges.map(({ cursor, node }) => ({ cursor, turn: node }));
}
