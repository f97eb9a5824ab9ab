import { encodeCursor } from "./cursor.ts";
import type { Key, Ordering } from "./ordering.ts";
import type { Page } from "./page.ts";

/** The rows that the store found for a page. */
export interface Slice<Row> {
  /** In the order of the connection, also when paging backward. */
  rows: Row[];
  /** Whether the window holds more rows in the direction of travel. */
  hasMore: boolean;
  /** Whether the list holds a row on the side from which the page was entered. */
  hasBehind: boolean;
}

/** The slice of a list without rows. */
export const EMPTY_SLICE: Slice<never> = { rows: [], hasMore: false, hasBehind: false };

export interface Edge<Row> {
  cursor: string;
  node: Row;
}

interface Connection<Row> {
  edges: Edge<Row>[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

/** A connection that is read when its rows or its page info are first needed; a count alone does not read it. */
export interface LazyConnection<Row> {
  readonly edges: Promise<Connection<Row>["edges"]>;
  readonly pageInfo: Promise<Connection<Row>["pageInfo"]>;
}

/**
 * The connection of the page that `read` resolves to. Reads once, at the first use; an error of `read` reaches every
 * use.
 */
export function lazyConnection<Row>(
  page: Page,
  keyOf: (row: Row) => Key,
  read: () => Promise<Slice<Row>>,
): LazyConnection<Row> {
  let connection: Promise<Connection<Row>> | undefined;
  const load = () => {
    connection ??= read().then((slice) => toConnection(page, slice, keyOf));
    return connection;
  };
  return {
    get edges() {
      return load().then(({ edges }) => edges);
    },
    get pageInfo() {
      return load().then(({ pageInfo }) => pageInfo);
    },
  };
}

/** The row with the cursor that marks its place in lists of this order. */
export function toEdge<Row>(ordering: Ordering, node: Row, keyOf: (row: Row) => Key): Edge<Row> {
  return { cursor: encodeCursor(ordering, keyOf(node)), node };
}

/** The slice as a connection: a cursor for every row, and for the page info. */
function toConnection<Row>(page: Page, slice: Slice<Row>, keyOf: (row: Row) => Key): Connection<Row> {
  const edges = slice.rows.map((node) => toEdge(page.ordering, node, keyOf));
  const { hasNextPage, hasPreviousPage } = toSides(page, slice);
  const cursorOf = (side: "start" | "end"): string | null => {
    const key = endKey(page, slice, side, keyOf);
    return key && encodeCursor(page.ordering, key);
  };
  return {
    edges,
    pageInfo: { hasNextPage, hasPreviousPage, startCursor: cursorOf("start"), endCursor: cursorOf("end") },
  };
}

/**
 * The key where the page starts or ends; null for an empty page. An empty page that was entered at a key and has rows
 * behind that do not fit answers that key: a client that continues from there misses none.
 */
export function endKey<Row>(
  page: Page,
  { rows, hasMore }: Slice<Row>,
  side: "start" | "end",
  keyOf: (row: Row) => Key,
): Key | null {
  const row = rows.at(side === "start" ? 0 : -1);
  if (row !== undefined) return keyOf(row);
  if (!hasMore || page.backward !== (side === "start")) return null;
  return page.backward ? page.before : page.after;
}

/** Whether rows follow and precede the page, as PageInfo defines it (Relay Cursor Connections, section PageInfo). */
export function toSides(
  { backward }: Page,
  { hasMore, hasBehind }: Pick<Slice<unknown>, "hasMore" | "hasBehind">,
): { hasNextPage: boolean; hasPreviousPage: boolean } {
  return backward
    ? { hasNextPage: hasBehind, hasPreviousPage: hasMore }
    : { hasNextPage: hasMore, hasPreviousPage: hasBehind };
}
