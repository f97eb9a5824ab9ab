import type { ConversationRecord } from "../model/conversation-record.ts";
import { isJsonObject } from "../model/json.ts";
import type { Fields } from "./fields.ts";
import type { RecordContext } from "./format.ts";
import { fitMetadata } from "./metadata.ts";
import { readId } from "./scalars.ts";
import { derivedConversationId } from "./synthetic.ts";
import { CREATED_NAMES, readTime, UPDATED_NAMES } from "./times.ts";
import type { Trajectory } from "./trajectory.ts";
import { recordOf, systemPairs } from "./trajectory-record.ts";

/**
 * The conversation of a trajectory and the object around its messages (null for bare messages). Its id is the given
 * one, else the object's own, else one made from the value; its times are the object's; its metadata are the given
 * pairs, the object's `metadata`, and then its fields with texts and numbers.
 */
export function wrappedRecord(
  trajectory: Trajectory,
  wrapper: Fields | null,
  value: unknown,
  { notes, start }: RecordContext,
  givenId: string | null = null,
  givenPairs: readonly [key: string, value: string][] = [],
): ConversationRecord {
  const id = givenId ?? (wrapper === null ? null : readOwnId(wrapper)) ?? derivedConversationId(value);
  const createdAt = wrapper === null ? null : readTime(wrapper, CREATED_NAMES);
  const updatedAt = wrapper === null ? null : readTime(wrapper, UPDATED_NAMES);
  const own = wrapper === null ? [] : [...takeMetadata(wrapper), ...takeScalars(wrapper)];
  const pairs = [...systemPairs(trajectory), ...givenPairs, ...own];
  const metadata = fitMetadata(pairs, notes);
  wrapper?.countUnknown();
  return recordOf(trajectory, { id, createdAt, updatedAt, metadata, start });
}

/** A wrapper's id when it is text; a number is only a place in some list, and stays a scalar field. */
function readOwnId(wrapper: Fields): string | null {
  const isText = wrapper.unread().some(([name, value]) => name === "id" && typeof value === "string");
  return isText ? readId(wrapper, "conversation") : null;
}

/** The scalars in the wrapper's `metadata` when that is an object. */
function takeMetadata(wrapper: Fields): [string, string][] {
  if (!isJsonObject(wrapper.peek("metadata"))) return [];
  const metadata = wrapper.optionalFields("metadata");
  const pairs = metadata === null ? [] : [...takeScalars(metadata)];
  metadata?.countUnknown();
  return pairs;
}

/** The wrapper's remaining fields with a text, a number, true or false, as text; marks them as read. */
function* takeScalars(wrapper: Fields): Generator<[string, string]> {
  for (const [name, value] of wrapper.unread()) {
    // A number that kept its digits is an object to JavaScript.
    if (Array.isArray(value) || isJsonObject(value)) continue;
    wrapper.value(name);
    yield [name, typeof value === "string" ? value : JSON.stringify(value)];
  }
}
