import type { Slice } from "../../relay/connection.ts";
import type { Executor } from "../database/executor.ts";
import type { Scope } from "../sql/scope.ts";
import { FIRST_PLACE } from "../tables/items.ts";
import { type FoundItem, itemsOfTurn } from "./find-items.ts";
import { type ItemPlace, itemsStatement, type SourceRow, type Travel } from "./items-statement.ts";

/** A part of a conversation's items. `after` and `before` bound a window; the page is at its front or its end. */
export interface ItemsPage {
  direction: "ASC" | "DESC";
  after: ItemPlace | null;
  before: ItemPlace | null;
  /** The most items, from the window's front, or from its end when `backward`. */
  limit: number;
  backward: boolean;
  /** The type of the items that are wanted; null for every type. */
  type: string | null;
  /** The page ends behind the item with which it has more bytes than that. */
  maxBytes: number;
}

/**
 * A page of the conversation's items, those of turns that were written otherwise made of these now; null for a conversation that
 * the scope does not see. One statement; more where a type is wanted that few turns have.
 */
export async function readItems(
  executor: Executor,
  scope: Scope,
  conversationId: string,
  page: ItemsPage,
): Promise<Slice<FoundItem> | null> {
  const items: FoundItem[] = [];
  let travel = toTravel(page);
  let bytes = 0;
  let hasBehind = false;
  for (let isFirst = true; ; isFirst = false) {
    const statement = itemsStatement(scope, conversationId, travel, page.maxBytes - bytes);
    const read = await executor.read<SourceRow | NoRow>(statement);
    const [first] = read;
    if (first === undefined) return null;
    if (isFirst) hasBehind = first.hasBehind;
    const rows = read.filter((row): row is SourceRow => row.position !== null);
    for (const row of rows) {
      const made = itemsOf(row, travel, page.type);
      items.push(...made);
      // What gives nothing leaves room for the page.
      if (made.length > 0) bytes += row.bytes;
    }
    const isCut = rows.length < (first.found ?? 0);
    const isWhole = !isCut && rows.length < travel.sources;
    const isEnd = isWhole && first.reach === null;
    if (isEnd || items.length > page.limit || (isCut && items.length > 0)) {
      return toSlice(page, items, isCut, hasBehind);
    }
    travel = { ...travel, from: nextFrom(isWhole ? first.reach : null, rows.at(-1), travel) };
  }
}

/** The row that stands for a page without any. */
interface NoRow {
  position: null;
  found: null;
  reach: number | null;
  hasBehind: boolean;
}

function toTravel({ direction, backward, after, before, limit, type }: ItemsPage): Travel {
  const [from, to] = backward ? [before, after] : [after, before];
  // One more shows whether there are more, and the turn at the cursor may have given all its items before.
  return { forward: (direction === "ASC") !== backward, from, to, sources: limit + 2, type };
}

/** The items of the row that lie between the bounds, in the direction of travel. */
function itemsOf(row: SourceRow, { forward, from, to }: Travel, type: string | null): FoundItem[] {
  if (!row.ofTurn) return [row];
  const made = itemsOfTurn({ ...row, kind: "turn" }).filter((item) => {
    if (type !== null && item.type !== type) return false;
    const [lower, upper] = forward ? [from, to] : [to, from];
    return (lower === null || isBefore(lower, item)) && (upper === null || isBefore(item, upper));
  });
  return forward ? made : made.reverse();
}

function isBefore(one: ItemPlace, other: ItemPlace): boolean {
  return one.position < other.position || (one.position === other.position && one.place < other.place);
}

/** Where to go on: behind the position that all was read up to, else behind all items of the last row. */
function nextFrom(reach: number | null, last: SourceRow | undefined, { forward, from }: Travel): ItemPlace | null {
  if (reach !== null) return { position: reach, place: forward ? LAST_PLACE : 0 };
  if (last === undefined) return from;
  return { position: last.position, place: last.ofTurn && forward ? FIRST_PLACE - 1 : last.place };
}

// PostgreSQL's integer.
const LAST_PLACE = 2 ** 31 - 1;

function toSlice({ limit, backward }: ItemsPage, items: FoundItem[], isCut: boolean, hasBehind: boolean) {
  const rows = items.slice(0, limit);
  return { rows: backward ? rows.reverse() : rows, hasMore: isCut || items.length > limit, hasBehind };
}
