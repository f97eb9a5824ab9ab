import { setTimeout as delay } from "node:timers/promises";

import postgres from "postgres";

import { isDiskFull, toApiError } from "../../model/errors.ts";
import { FETCH_TYPES } from "../database/driver.ts";

/** Each process that uses the server shares this lock; a process that gets it exclusively is the last one. */
const LOCK = 7_270_392;
const RETRY_MS = 100;

export interface ServerHold {
  /**
   * Ends the registration. True when no other process is registered: this one must then stop the server, and new ones
   * wait until `end`. False when others are registered or the server is gone.
   */
  release(): Promise<boolean>;
  end(): Promise<void>;
}

/**
 * Registers this process as a user of the server, on a connection of its own, and creates the database when it is
 * missing. Null when the server is shutting down. The registration ends with the process, however it ends.
 */
export async function holdServer(url: string, database: string): Promise<ServerHold | null> {
  /**
   * `lost` while the lock is being taken again. One loop does that, although every failed attempt closes a connection.
   */
  let state: "outside" | "held" | "lost" = "outside";
  const sql = postgres(url, {
    max: 1,
    fetch_types: FETCH_TYPES,
    max_lifetime: null,
    connect_timeout: 5,
    backoff: () => RETRY_MS / 1000,
    onnotice: () => {},
    // A backend may be terminated while the server lives on. Without the registration, the next process that leaves
    // would stop the server.
    onclose: () => {
      if (state === "held") void retake();
    },
  });
  const take = () => sql`SELECT pg_advisory_lock_shared(${LOCK})`;
  async function retake(): Promise<void> {
    state = "lost";
    while (state === "lost") {
      if ((await take().catch(() => null)) !== null && state === "lost") state = "held";
      else await delay(RETRY_MS, undefined, { ref: false });
    }
  }
  try {
    await take();
    await createDatabase(sql, database);
    state = "held";
  } catch (error) {
    await sql.end({ timeout: 0 });
    if (isDiskFull(error)) throw error;
    if (toApiError(error).code === "SERVICE_UNAVAILABLE") return null;
    throw error;
  }
  return {
    async release() {
      state = "outside";
      const last = await releaseLock(sql).catch(() => false);
      if (!last) await sql.end({ timeout: 0 });
      return last;
    },
    end: () => sql.end({ timeout: 0 }),
  };
}

/**
 * Releases the shared lock before it tries the exclusive one: of two processes that leave together, at least one finds
 * itself alone.
 */
async function releaseLock(sql: postgres.Sql): Promise<boolean> {
  await sql`SELECT pg_advisory_unlock_all()`;
  const [row] = await sql<{ last: boolean }[]>`SELECT pg_try_advisory_lock(${LOCK}) AS last`;
  return row?.last === true;
}

async function createDatabase(sql: postgres.Sql, name: string): Promise<void> {
  const existing = await sql`SELECT FROM pg_database WHERE datname = ${name}`;
  if (existing.length > 0) return;
  try {
    await sql`CREATE DATABASE ${sql(name)}`;
  } catch (error) {
    // Another process that started at the same time created it.
    if (!isDuplicate(error)) throw error;
  }
}

function isDuplicate(error: unknown): boolean {
  return error instanceof postgres.PostgresError && (error.code === "42P04" || error.code === "23505");
}
