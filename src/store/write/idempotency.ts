import { createHash } from "node:crypto";

import { type SQL, sql } from "drizzle-orm";

import { ApiError } from "../../model/errors.ts";
import { isJsonObject } from "../../model/json.ts";
import { FRAGMENT_KINDS, fragmentKeys } from "../../model/message-fragment.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import type { Scope } from "../sql/scope.ts";
import { idempotencyKeys } from "../tables/identities.ts";

/** The most characters of a key; it has at least one. */
export const MAX_KEY_CHARACTERS = 255;

/** A caller's name for one write, so that sending it again does not write again. */
export interface Idempotency {
  key: string;
  /** Equal for equal inputs: see `hashInput`. */
  inputHash: string;
}

/** What the first call with a key made. */
export interface FormerWrite {
  conversationId: string;
  turnId: string | null;
  /** The ids of the items that were appended; null for any other write. */
  itemIds: readonly string[] | null;
}

/**
 * The hash of an operation and its input. The order of keys plays no part, nor does the difference of null and absent,
 * except in JSON of the caller's own.
 */
export function hashInput(operation: string, input: object): string {
  return createHash("sha256")
    .update(JSON.stringify([operation, toCanonical(input, false)]))
    .digest("base64url");
}

/**
 * An INSERT that enters the key of what is being written. It returns a row only for the first call, after the end of any
 * concurrent call with the same key. With `from`, FROM and WHERE of a SELECT, it enters nothing where that gives no row.
 */
export function enterKey(scope: Scope, { key, inputHash }: Idempotency, written: FormerWrite, from?: SQL): SQL {
  const values = sql`${scope.projectId}, ${scope.isolationKey ?? ""}, ${key}, ${inputHash}, ${written.conversationId}::text, ${written.turnId}::text, ${written.itemIds === null ? sql`NULL::text[]` : textArray(written.itemIds)}`;
  return sql`INSERT INTO ${idempotencyKeys} AS i (project_id, isolation_key, key, input_hash, conversation_id, turn_id, item_ids)
    ${from === undefined ? sql`VALUES (${values})` : sql`SELECT ${values} ${from}`}
    ON CONFLICT (project_id, isolation_key, key) DO NOTHING RETURNING i.key`;
}

/** What the first call with the key made; null when there was none. CONFLICT when it had another input. */
export async function findFormerWrite(
  executor: Executor,
  scope: Scope,
  { key, inputHash }: Idempotency,
): Promise<FormerWrite | null> {
  const [former] = await executor.read<FormerWrite & { inputHash: string }>(sql`
    SELECT conversation_id AS "conversationId", turn_id AS "turnId", array_to_json(item_ids) AS "itemIds", input_hash AS "inputHash" FROM ${idempotencyKeys}
    WHERE project_id = ${scope.projectId} AND isolation_key = ${scope.isolationKey ?? ""} AND key = ${key}`);
  if (former === undefined) return null;
  if (former.inputHash === inputHash) return former;
  throw new ApiError("CONFLICT", "This idempotency key was used with another input.", "input.idempotencyKey");
}

// Keys that hold the caller's own JSON, in which null is a value like any other.
const OWN_JSON = FRAGMENT_KINDS.flatMap(fragmentKeys).flatMap(([key, form]) => (form === "object" ? [key] : []));

function toCanonical(value: unknown, own: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => toCanonical(item, own));
  if (!isJsonObject(value) || value instanceof Date) return value;
  const keys = Object.keys(value).filter((key) => own || (value[key] ?? null) !== null);
  // Without a comparison function, which gives the same order in three times the time.
  keys.sort();
  return Object.fromEntries(keys.map((key) => [key, toCanonical(value[key], own || OWN_JSON.includes(key))]));
}
