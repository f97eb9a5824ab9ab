import { isId } from "../model/ids.ts";
import { MAX_AGENT_CHARACTERS } from "../model/rules.ts";

/**
 * The place of a row in its list: an instant in milliseconds since 1970 and the id that breaks ties, a position, a position
 * and a place at it, a name, or a position within the row of an instant and an id.
 */
export type Key =
  | readonly [instant: number, id: string]
  | readonly [position: number]
  | readonly [position: number, place: number]
  | readonly [name: string]
  | readonly [instant: number, id: string, position: number];

/**
 * The order of a connection. Cursors carry its field and direction, so that a cursor for another order is recognised.
 */
export interface Ordering {
  /** The leading field, as the schema names it. */
  field: "CREATED_AT" | "UPDATED_AT" | "POSITION" | "PLACE" | "NAME" | "HIT";
  direction: "ASC" | "DESC";
}

// The instants that a DateTime can name: the years 1 to 9999.
const FIRST_INSTANT = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_INSTANT = Date.parse("9999-12-31T23:59:59.999Z");

/** The values as a key of the ordering; null when they are none. */
export function parseKey(ordering: Ordering, values: readonly unknown[]): Key | null {
  const [first, second, third, ...rest] = values;
  if (rest.length > 0) return null;
  if (ordering.field === "NAME") return values.length === 1 && isName(first) ? [first] : null;
  if (ordering.field === "POSITION") return second === undefined && isPosition(first) ? [first] : null;
  if (ordering.field === "PLACE")
    return values.length === 2 && isPlace(first) && isPlace(second) ? [first, second] : null;
  if (!isInstant(first) || typeof second !== "string" || !isId(second)) return null;
  if (ordering.field === "HIT") return isPosition(third) ? [first, second, third] : null;
  return third === undefined ? [first, second] : null;
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === "number" && value >= 1 && value < 2 ** 31;
}

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === "number" && value >= FIRST_INSTANT && value <= LAST_INSTANT;
}

// As the database holds names of agents.
function isName(value: unknown): value is string {
  if (typeof value !== "string" || value === "" || value.includes("\0") || !value.isWellFormed()) return false;
  return value.length <= 2 * MAX_AGENT_CHARACTERS;
}

/** Whether the value is in the range of PostgreSQL's integer, from 0. */
function isPlace(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}
