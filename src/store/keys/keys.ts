import { hash, randomBytes } from "node:crypto";

import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { toMilliseconds } from "../sql/instants.ts";
import { type KEY_ACCESS, keys } from "../tables/projects.ts";
import { ensureProject } from "./projects.ts";

export type KeyAccess = (typeof KEY_ACCESS)[number];

/** A stored key: what it opens and the hash that recognises it, but not the key itself. */
export interface KeyRow {
  id: string;
  projectId: string;
  access: KeyAccess;
  /** The one user of a user key that is bound to one; null where the header names the user. */
  isolationKey: string | null;
  readOnly: boolean;
  hash: string;
  note: string | null;
  createdAt: Date;
  /** Null for a key that does not expire. */
  expiresAt: Date | null;
  /** The beginning of the hour in which the key was last used; null for one that never was. */
  lastUsedAt: Date | null;
  /** The id of the key that was made to take the place of this one; null for none. */
  replacedBy: string | null;
  /** Null unless the key was revoked. */
  revokedAt: Date | null;
  /** Whether the key opens its project, by the database's clock. */
  state: "valid" | "expired" | "revoked";
}

/** What narrows a key beyond its access. */
export interface KeyLimits {
  /** The one user of a user key; null where the header names the user. */
  isolationKey?: string | null;
  readOnly?: boolean;
  /** Seconds after which the key expires; null for never. */
  lifetimeSeconds?: number | null;
}

/** The channel of notifications that a key was created, replaced or revoked. */
export const KEYS_CHANNEL = "keys_changed";

const PREFIX = "cg_";

/** The form of a key: a prefix for secret scanners, and 256 random bits. */
const KEY_PATTERN = /^cg_[A-Za-z0-9_-]{43}$/;

/** Whether the text has the form of a key. */
export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** Whether the text is meant for a key, well-formed or not: no token begins so. */
export function hasKeyPrefix(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** The hash of a key, which is all that is stored of it. */
export function hashKey(key: string): string {
  return hash("sha256", key, "base64url");
}

/** Creates a key of the project, and the project where it is new. Resolves to the key, which cannot be read again. */
export async function createKey(
  database: Database,
  projectId: string,
  access: KeyAccess,
  note: string | null,
  limits: KeyLimits = {},
): Promise<string> {
  const key = newKey();
  await database.transaction(async (transaction) => {
    await ensureProject(transaction, projectId);
    await insertKey(transaction, key, projectId, access, note, limits);
  });
  return key;
}

/** Stores the project key when no key was ever created; otherwise changes nothing. Safe in several processes at once. */
export async function adoptFirstKey(database: Database, key: string, projectId: string): Promise<void> {
  await database.transaction(async (transaction) => {
    // No other key may be created between the read and the write.
    await transaction.rows(sql`LOCK TABLE ${keys} IN SHARE ROW EXCLUSIVE MODE`);
    if ((await listKeys(transaction)).length > 0) return;
    await insertKey(transaction, key, projectId, "project", "the initial key");
  });
}

/** Every key that was ever created, revoked ones included, oldest first. */
export async function listKeys(executor: Executor): Promise<KeyRow[]> {
  return executor.read<KeyRow>(sql`
    SELECT id, project_id AS "projectId", access, isolation_key AS "isolationKey", read_only AS "readOnly", hash, note,
      ${toMilliseconds(sql`created_at`)} AS "createdAt", ${toMilliseconds(sql`expires_at`)} AS "expiresAt",
      ${toMilliseconds(sql`last_used_at`)} AS "lastUsedAt", replaced_by AS "replacedBy",
      ${toMilliseconds(sql`revoked_at`)} AS "revokedAt",
      CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'valid' END AS state
    FROM ${keys} ORDER BY created_at, id`);
}

/** Revokes the key with this id; resolves to false when there is none. Revoking again changes nothing. */
export async function revokeKey(executor: Executor, id: string): Promise<boolean> {
  const revoked = await executor.rows(sql`
    WITH revoked AS (UPDATE ${keys} SET revoked_at = least(revoked_at, now()) WHERE id = ${id} RETURNING id)
    SELECT id, pg_notify(${KEYS_CHANNEL}, '') FROM revoked`);
  return revoked.length > 0;
}

/**
 * Makes a key with the rights of the one with this id, which lives as long as that was to live, and ends that one after the
 * seconds; at once for 0. Resolves to the new key; null where no valid key has the id, and where it was replaced already.
 */
export async function rotateKey(database: Database, id: string, graceSeconds: number): Promise<string | null> {
  const key = newKey();
  const newId = newKeyId();
  return database.transaction(async (transaction) => {
    // Not the difference itself: PostgreSQL gives it in days, which have another length where the session's clocks change.
    const lifetime = sql`make_interval(secs => extract(epoch FROM expires_at - created_at)::double precision)`;
    const made = await transaction.rows(sql`
      INSERT INTO ${keys} AS made (id, project_id, access, isolation_key, read_only, hash, note, expires_at)
      SELECT ${newId}, project_id, access, isolation_key, read_only, ${hashKey(key)}, note, now() + ${lifetime}
      FROM ${keys}
      WHERE id = ${id} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AND replaced_by IS NULL
      FOR UPDATE
      RETURNING made.id`);
    if (made.length === 0) return null;
    await transaction.rows(sql`
      UPDATE ${keys} SET replaced_by = ${newId}, expires_at = least(expires_at, ${after(graceSeconds)}),
        revoked_at = ${graceSeconds === 0 ? sql`now()` : sql`NULL`}
      WHERE id = ${id}`);
    await notifyKeysChanged(transaction);
    return key;
  });
}

/** Notes that the key is used in this hour. Writes nothing where that is noted. */
export async function noteKeyUse(executor: Executor, { id, projectId }: KeyRow): Promise<void> {
  const hour = sql`date_trunc('hour', now(), 'UTC')`;
  await executor.rows(sql`
    UPDATE ${keys} SET last_used_at = ${hour}
    WHERE project_id = ${projectId} AND id = ${id} AND (last_used_at IS NULL OR last_used_at < ${hour})`);
}

function newKey(): string {
  return PREFIX + randomBytes(32).toString("base64url");
}

function newKeyId(): string {
  return `key_${randomBytes(8).toString("hex")}`;
}

/** The instant after so many seconds; NULL for null. */
function after(seconds: number | null): SQL {
  return sql`now() + make_interval(secs => ${seconds}::double precision)`;
}

async function insertKey(
  executor: Executor,
  key: string,
  projectId: string,
  access: KeyAccess,
  note: string | null,
  { isolationKey = null, readOnly = false, lifetimeSeconds = null }: KeyLimits = {},
): Promise<void> {
  await executor.rows(sql`
    INSERT INTO ${keys} (id, project_id, access, hash, note, isolation_key, read_only, expires_at)
    VALUES (${newKeyId()}, ${projectId}, ${access}, ${hashKey(key)}, ${note}, ${isolationKey}, ${readOnly},
      ${after(lifetimeSeconds)})`);
  await notifyKeysChanged(executor);
}

/** Has every process read the keys again at the commit. One statement. */
export async function notifyKeysChanged(executor: Executor): Promise<void> {
  await executor.rows(sql`SELECT pg_notify(${KEYS_CHANNEL}, '')`);
}
