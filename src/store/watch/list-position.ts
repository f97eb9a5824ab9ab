import { createHash } from "node:crypto";

/** How far a watcher of a list has come. */
export interface ListPosition {
  /** Milliseconds since 1970 by the database's clock. */
  at: number;
  /** What was told of the changes of the last seconds before that: see `tagOf`. */
  told: readonly string[];
}

/** A state of a conversation that was told. */
export interface Told {
  tag: string;
  changedAt: number;
}

/**
 * A change carries the time of its statement and shows at its commit, in whatever order. So what changed in these milliseconds
 * before a position is read again, and what was told of it is known by its tag.
 */
export const UNSETTLED_MS = 10_000;
// Beyond these a watcher that resumes is told of a conversation once more. Each takes eight characters of every cursor.
export const MAX_TOLD = 32;
const MAX_CHARACTERS = 600;

const TAG_BYTES = 6;

/** Names a state of a conversation: its id and revision, null for one that is gone. */
export function tagOf(id: string, revision: number | null): string {
  return createHash("sha256").update(`${revision} ${id}`).digest().subarray(0, TAG_BYTES).toString("base64url");
}

/** The position after what was told, the newest last. */
export function positionAt(at: number, told: readonly Told[]): ListPosition {
  const unsettled = told.filter(({ changedAt }) => changedAt > at - UNSETTLED_MS);
  return { at, told: unsettled.slice(-MAX_TOLD).map(({ tag }) => tag) };
}

/** The position as the cursor of an event, without line ends: it is the id of a server-sent event as well. */
export function encodePosition({ at, told }: ListPosition): string {
  return [at.toString(36), told.join("")].join(".");
}

/** The position that the cursor names; null for a text that no position is written as. */
export function decodePosition(cursor: string): ListPosition | null {
  if (cursor.length > MAX_CHARACTERS) return null;
  const [, time = "", tags = ""] = /^([0-9a-z]{1,9})\.((?:[\w-]{8}){0,32})$/.exec(cursor) ?? [];
  const position = { at: Number.parseInt(time, 36), told: tags.match(/.{8}/g) ?? [] };
  // One spelling only: a text that does not encode to itself was not made here.
  return encodePosition(position) === cursor ? position : null;
}
