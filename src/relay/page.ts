import { badInput } from "../model/errors.ts";
import { MAX_OFFSET } from "../model/rules.ts";
import { decodeCursor } from "./cursor.ts";
import type { Key, Ordering } from "./ordering.ts";

/** The paging arguments of a connection as a client gives them; null counts as absent. */
export interface PageArguments {
  first?: number | null | undefined;
  last?: number | null | undefined;
  after?: string | null | undefined;
  before?: string | null | undefined;
  offset?: number | null | undefined;
}

/** The requested part of an ordered list. `after` and `before` bound a window; the page is at its front or its end. */
export interface Page {
  ordering: Ordering;
  after: Key | null;
  before: Key | null;
  /** The most rows of the page, from the window's front, or from its end when `backward`. */
  limit: number;
  backward: boolean;
  /** The number of rows at the front of the list to skip. */
  offset: number;
}

/** The size of a page without `first` and `last`. */
export const DEFAULT_PAGE_SIZE = 20;

/**
 * The page that the arguments request. BAD_USER_INPUT, naming the argument, for `first` with `last`, a size outside
 * 1..maxSize, an `offset` with `last` or a cursor, and a cursor that is not one of this ordering.
 */
export function parsePage(args: PageArguments, ordering: Ordering, maxSize: number): Page {
  const { first, last, after, before, offset } = args;
  const hasFirst = isGiven(first);
  if (isGiven(last) && hasFirst) throw badInput("last", "`first` and `last` exclude each other.");
  if (isGiven(offset)) {
    if (isGiven(last)) throw badInput("offset", "`offset` counts from the front and cannot go with `last`.");
    if (isGiven(after) || isGiven(before)) throw badInput("offset", "`offset` cannot go with a cursor.");
    if (offset < 0 || offset > MAX_OFFSET) throw badInput("offset", `\`offset\` must be 0 to ${MAX_OFFSET}.`);
  }
  return {
    ordering,
    after: isGiven(after) ? parseCursor("after", after, ordering) : null,
    before: isGiven(before) ? parseCursor("before", before, ordering) : null,
    limit: isGiven(last) ? parseSize("last", last, maxSize) : parseSize("first", first ?? DEFAULT_PAGE_SIZE, maxSize),
    backward: isGiven(last),
    offset: offset ?? 0,
  };
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

function parseSize(argument: string, size: number, maxSize: number): number {
  if (size < 1 || size > maxSize) throw badInput(argument, `\`${argument}\` must be 1 to ${maxSize}, not ${size}.`);
  return size;
}

function parseCursor(argument: string, cursor: string, ordering: Ordering): Key {
  const key = decodeCursor(ordering, cursor);
  if (key === null) throw badInput(argument, `\`${argument}\` is not a cursor of this list in this order.`);
  return key;
}
