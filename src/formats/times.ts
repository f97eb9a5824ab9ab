import { parseInstant } from "../model/instant.ts";
import type { Fields } from "./fields.ts";

/** The names of fields with the beginning of a conversation or message. */
export const CREATED_NAMES = ["created_at", "create_time", "createdAt", "timestamp", "created"] as const;

/** The names of fields with a conversation's last change. */
export const UPDATED_NAMES = ["updated_at", "update_time", "updatedAt"] as const;

// As seconds the year 5138, as milliseconds the year 1973: no conversation has a time on the other side of either.
const FIRST_MILLISECONDS = 100_000_000_000;

/**
 * The instant in the first field that holds one: an RFC 3339 text, or a number of seconds since 1970, of milliseconds
 * from 100,000,000,000 on; cut to milliseconds. Null when no field does; other values stay unread.
 */
export function readTime(fields: Fields, names: readonly string[]): Date | null {
  for (const name of names) {
    const instant = toInstant(fields.peek(name));
    if (instant === null) continue;
    fields.value(name);
    return instant;
  }
  return null;
}

function toInstant(value: unknown): Date | null {
  if (typeof value === "string") return parseInstant(value);
  // A number that kept its digits is an object to JavaScript.
  const number = Number(JSON.stringify(value ?? "none"));
  if (!Number.isFinite(number) || number < 0) return null;
  // By way of microseconds: 1700000000.123 * 1000 is a little less than 1700000000123.
  const instant = new Date(Math.floor(number < FIRST_MILLISECONDS ? Math.round(number * 1e6) / 1e3 : number));
  return instant.getTime() < Date.UTC(10_000, 0, 1) ? instant : null;
}
