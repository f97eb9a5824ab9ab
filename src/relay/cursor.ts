import { type Key, type Ordering, parseKey } from "./ordering.ts";

/**
 * The cursor of the row with this key: opaque to clients, and self-contained, so that it still marks its place after
 * the row is deleted (Relay Cursor Connections, section Edge Types).
 */
export function encodeCursor(ordering: Ordering, key: Key): string {
  return Buffer.from(JSON.stringify([ordering.field, ordering.direction, ...key])).toString("base64url");
}

// The longest cursor holds a name of 128 characters, each of them six in JSON.
const MAX_CHARACTERS = 1100;

/** The key that the cursor holds; null when the cursor is malformed, empty or made for another order. */
export function decodeCursor(ordering: Ordering, cursor: string): Key | null {
  if (cursor.length > MAX_CHARACTERS) return null;
  const values = parseArray(Buffer.from(cursor, "base64url").toString("utf8"));
  const key = values === null ? null : parseKey(ordering, values.slice(2));
  // One spelling only: a text that does not encode to itself was not made here.
  return key !== null && encodeCursor(ordering, key) === cursor ? key : null;
}

function parseArray(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
