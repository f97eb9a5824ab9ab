import { type SQL, sql } from "drizzle-orm";

import type { Slice } from "../../relay/connection.ts";
import type { Key } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import { instant } from "./parameters.ts";

/** The list that a page is cut from. */
export interface List {
  /** FROM and WHERE of the list, without the page's bounds. */
  source: SQL;
  /** What is read of each row. */
  columns: SQL;
  /** The columns that order the list, leading first; together they are unique in it. */
  order: readonly SQL[];
  /** A subselect of the key of the row that the page's offset leads to; left out where that has to be counted out. */
  start?: SQL | undefined;
  /**
   * A further condition, which would be dear to ask of every row: an array of the ids of rows that fulfil it, with the first
   * `wanted` of those among them. `first` is a SELECT of the ids that the list begins with, up to so many; null for all.
   */
  search?: ((first: (count: number | null) => SQL, wanted: number) => SQL) | undefined;
}

/**
 * A FROM item that gives the page's rows, and before them whether a row lies beyond the side that the page was entered
 * from (`hasBehind`): one row more than the limit, which shows whether there are more, and one row of nulls when the page
 * is empty. Bounds are row comparisons, so that the index of the order is entered at the cursor and read no further.
 */
export function pageSource(page: Page, list: List): SQL {
  // A nested loop over the single row of `side`: the inner order is the order of the result.
  return sql`(SELECT ${isBehind(page, list)} AS "hasBehind") AS side
    LEFT JOIN LATERAL (${pageRows(page, list, page.limit + 1)}) AS page ON true`;
}

/** A SELECT of the page's rows, at most `limit` of them, in the direction of travel. */
export function pageRows(page: Page, list: List, limit: number): SQL {
  const after = page.after === null ? sql`` : sql` AND ${bound(page, list, "after", page.after)}`;
  const before = page.before === null ? sql`` : sql` AND ${bound(page, list, "before", page.before)}`;
  const start = list.start === undefined ? sql`` : sql` AND ${compared(page, list, "notBefore", list.start)}`;
  const rows = found(list, sql`${after}${before}${start}`, orderBy(page, list, !page.backward), page.offset + limit);
  if (isCountedOut(page, list)) return sql`${rows} LIMIT ${limit} OFFSET ${page.offset}`;
  // PostgreSQL's generic plan knows no parameter's value. With a bound in the text it takes the few rows from the index of
  // the order. The bound is one of few, so that most pages share a prepared statement.
  return sql`SELECT * FROM (${rows} LIMIT ${sql.raw(String(boundOf(limit)))}) AS bounded LIMIT ${limit}`;
}

/** A SELECT of the list's columns within the bounds, in the order; with a search, the first `wanted` rows that it finds. */
function found(list: List, bounds: SQL, order: SQL, wanted: number, columns = list.columns): SQL {
  const [id] = list.order.slice(-1);
  const first = (count: number | null) =>
    sql`SELECT ${id} ${list.source}${bounds} ORDER BY ${order}${count === null ? sql`` : sql` LIMIT ${count}`}`;
  const searched = list.search === undefined ? sql`` : sql` AND ${id} = ANY(${list.search(first, wanted)})`;
  return sql`SELECT ${columns} ${list.source}${bounds}${searched} ORDER BY ${order}`;
}

/** Whether the rows before the page have to be passed over one by one. */
export function isCountedOut(page: Page, list: List): boolean {
  return page.offset > 0 && list.start === undefined;
}

function boundOf(limit: number): number {
  return [101, 1_001, 100_001].find((bound) => limit <= bound) ?? Number.MAX_SAFE_INTEGER;
}

/** What every row of `pageSource` repeats. */
interface Side {
  hasBehind: boolean;
}

/** A row of the page, or the nulls that stand for an empty one. */
export type FoundRow<Row> = Side & (Row | { [Column in keyof Row]: null });

/** The rows of `pageSource` as a slice: the extra row taken off, and in the connection's order. */
export function toSlice<Row extends { id: string }>(page: Page, found: readonly FoundRow<Row>[]): Slice<Row> {
  const rows = found.filter((row): row is Row & Side => row.id !== null);
  return cutSlice(page, rows, found[0]?.hasBehind ?? false);
}

/** The rows of `pageRows` as a slice, where up to one row more than the limit was read. */
export function cutSlice<Row>({ limit, backward }: Page, rows: readonly Row[], hasBehind: boolean): Slice<Row> {
  const kept = rows.slice(0, limit);
  return { rows: backward ? kept.reverse() : kept, hasMore: rows.length > limit, hasBehind };
}

/** An expression: whether the list holds a row on the side that the page is entered from. */
export function isBehind(page: Page, list: List): SQL {
  const entry = page.backward ? page.before : page.after;
  if (entry !== null) {
    const side = page.backward ? "notBefore" : "notAfter";
    return exists(page, list, sql` AND ${bound(page, list, side, entry)}`);
  }
  return page.offset > 0 ? exists(page, list, sql``) : sql`false`;
}

// Not EXISTS, which forgets an order: without one the table may be read through for the first row that fits.
function exists(page: Page, list: List, condition: SQL): SQL {
  return sql`(${found(list, condition, orderBy(page, list, page.backward), 1, sql`true`)} LIMIT 1) IS NOT NULL`;
}

function orderBy(page: Page, list: List, alongTheList: boolean): SQL {
  const direction = sql.raw((page.ordering.direction === "ASC") === alongTheList ? "ASC" : "DESC");
  return sql.join(
    list.order.map((column) => sql`${column} ${direction}`),
    sql`, `,
  );
}

// Positive operators only: PostgreSQL does not turn NOT (a, b) > (x, y) into an index condition.
const OPERATORS = {
  ASC: { after: ">", before: "<", notAfter: "<=", notBefore: ">=" },
  DESC: { after: "<", before: ">", notAfter: ">=", notBefore: "<=" },
} as const;

function bound(page: Page, list: List, side: keyof typeof OPERATORS.ASC, key: Key): SQL {
  return compared(page, list, side, sql`(${keyValues(key)})`);
}

function compared(page: Page, list: List, side: keyof typeof OPERATORS.ASC, key: SQL): SQL {
  const operator = sql.raw(OPERATORS[page.ordering.direction][side]);
  return sql`(${sql.join([...list.order], sql`, `)}) ${operator} ${key}`;
}

function keyValues(key: Key): SQL {
  if (key.length === 1) return typeof key[0] === "string" ? sql`${key[0]}::text` : sql`${key[0]}::integer`;
  return sql`${instant(key[0])}, ${key[1]}::text`;
}
