import { createHash } from "node:crypto";

import { derivedId } from "../model/ids.ts";
import { isJsonObject } from "../model/json.ts";

// A date that is not mistaken for a real one. Minutes between conversations leave room for the seconds between their
// turns.
const FIRST_CONVERSATION = Date.UTC(2000, 0, 1);
const BETWEEN_CONVERSATIONS_MS = 60_000;
const BETWEEN_TURNS_MS = 1_000;

/** The id of a conversation without one in the file: the same for the same content, whatever the order of its keys. */
export function derivedConversationId(content: unknown): string {
  return derivedId("conversation", digest(JSON.stringify(sortKeys(content))));
}

/** The id of a turn without one in the file: made from its conversation's id and its position, counted from 1. */
export function derivedTurnId(conversationId: string, position: number): string {
  return derivedId("turn", digest(`${conversationId}\n${position}`));
}

/** The id of an item without one in the source: made from its conversation's id and its place, counted from 1. */
export function derivedItemId(prefix: string, conversationId: string, place: number): string {
  return prefix + digest(`${conversationId}\n${place}`).toString("hex").slice(0, 32);
}

/**
 * The beginning of a conversation without times in the file. It grows with the record's index, so that the last record
 * is the newest, and is the same each time the file is read: in milliseconds from `created`, so that a large file does
 * not reach far into the future; without it in minutes from the beginning of the year 2000.
 */
export function syntheticStart(recordIndex: number, created: Date | null = null): Date {
  if (created !== null) return new Date(created.getTime() + recordIndex);
  return new Date(FIRST_CONVERSATION + recordIndex * BETWEEN_CONVERSATIONS_MS);
}

/** The time of the turn at this index, in a conversation without times: a second for each turn. */
export function syntheticTimestamp(start: Date, turnIndex: number): Date {
  return new Date(start.getTime() + turnIndex * BETWEEN_TURNS_MS);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // As a list, because an object would put keys that look like numbers first. Under a key, so that no array is written
  // alike.
  return { entries: entries.map(([key, child]) => [key, sortKeys(child)]) };
}
