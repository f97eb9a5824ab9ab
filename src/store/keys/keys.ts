import { hash, randomBytes } from "node:crypto";

import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { type KEY_ACCESS, keys } from "../tables/projects.ts";
import { ensureProject } from "./projects.ts";

export type KeyAccess = (typeof KEY_ACCESS)[number];

/** A stored key: what it opens and the hash that recognises it, but not the key itself. */
export interface KeyRow {
  id: string;
  projectId: string;
  access: KeyAccess;
  hash: string;
  note: string | null;
  createdAt: Date;
  /** Null while the key opens its project. */
  revokedAt: Date | null;
}

/** The channel of notifications that a key was created or revoked. */
export const KEYS_CHANNEL = "keys_changed";

const PREFIX = "cg_";

/** The form of a key: a prefix for secret scanners, and 256 random bits. */
const KEY_PATTERN = /^cg_[A-Za-z0-9_-]{43}$/;

/** Whether the text has the form of a key. */
export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
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
): Promise<string> {
  const key = PREFIX + randomBytes(32).toString("base64url");
  await database.transaction(async (transaction) => {
    await ensureProject(transaction, projectId);
    await insertKey(transaction, key, projectId, access, note);
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
    SELECT id, project_id AS "projectId", access, hash, note, created_at AS "createdAt", revoked_at AS "revokedAt"
    FROM ${keys} ORDER BY created_at, id`);
}

/** Revokes the key with this id; resolves to false when there is none. Revoking again changes nothing. */
export async function revokeKey(executor: Executor, id: string): Promise<boolean> {
  const revoked = await executor.rows(sql`
    WITH revoked AS (UPDATE ${keys} SET revoked_at = coalesce(revoked_at, now()) WHERE id = ${id} RETURNING id)
    SELECT id, pg_notify(${KEYS_CHANNEL}, '') FROM revoked`);
  return revoked.length > 0;
}

async function insertKey(
  executor: Executor,
  key: string,
  projectId: string,
  access: KeyAccess,
  note: string | null,
): Promise<void> {
  const id = `key_${randomBytes(8).toString("hex")}`;
  await executor.rows(sql`
    INSERT INTO ${keys} (id, project_id, access, hash, note)
    VALUES (${id}, ${projectId}, ${access}, ${hashKey(key)}, ${note})`);
  await executor.rows(sql`SELECT pg_notify(${KEYS_CHANNEL}, '')`);
}
