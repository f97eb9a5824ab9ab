import type { Change, Row } from "./documents.ts";

/** The beginning of a list of conversations, newest activity first, as far as it was read. */
export interface Rows {
  rows: readonly Row[];
  /** The last row of the last page as it was when that was read: what lies behind it is unknown. null once the list ends. */
  end: Position | null;
  /** The cursor of `end`. */
  endCursor: string | null;
}

type Position = Pick<Row, "id" | "updatedAt">;

export interface Page {
  nodes: readonly Row[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** The list of which one page was read. */
export function firstPage({ nodes, pageInfo }: Page): Rows {
  const end = pageInfo.hasNextPage ? (nodes.at(-1) ?? null) : null;
  return { rows: nodes, end, endCursor: pageInfo.endCursor };
}

/** The list with the page that follows it. A conversation that is there already has moved up since, and stays. */
export function withNextPage(list: Rows, page: Page): Rows {
  const known = new Set(list.rows.map(({ id }) => id));
  const news = page.nodes.filter(({ id }) => !known.has(id));
  return { ...firstPage(page), rows: [...list.rows, ...news] };
}

/**
 * The list after its first page was read again, as after changes that no event brought. Where the page and the list have nothing
 * in common, more may have changed than the page has: what follows is then read again too.
 */
export function withFirstPage(list: Rows, page: Page): Rows {
  const first = firstPage(page);
  const { end } = first;
  const news = new Set(page.nodes.map(({ id }) => id));
  if (end === null || !list.rows.some(({ id }) => news.has(id))) return first;
  const kept = list.rows.filter((row) => !news.has(row.id) && isBefore(end, row));
  // Where much was deleted the page reaches further than the list did.
  const further = list.end !== null && isBefore(list.end, end) ? first : list;
  return { ...further, rows: [...page.nodes, ...kept] };
}

/** The list after the event: the conversation at its new place, or taken out. */
export function withChange(list: Rows, { conversationEdge, deletedConversationId, left }: Change): Rows {
  const row = conversationEdge?.node;
  const gone = deletedConversationId ?? row?.id;
  const others = list.rows.filter(({ id }) => id !== gone);
  // Behind the end it comes with a later page.
  const isUnread = row === undefined || left || (list.end !== null && isBefore(list.end, row));
  if (isUnread) return others.length === list.rows.length ? list : { ...list, rows: others };
  const index = others.findIndex((other) => isBefore(row, other));
  return { ...list, rows: others.toSpliced(index < 0 ? others.length : index, 0, row) };
}

/** Whether the one stands before the other in the list. Instants have one form, in which text order is that of time. */
function isBefore(one: Position, other: Position): boolean {
  return one.updatedAt === other.updatedAt ? one.id > other.id : one.updatedAt > other.updatedAt;
}
