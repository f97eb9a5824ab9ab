import { setTimeout as delay } from "node:timers/promises";

import postgres from "postgres";

import { toApiError } from "../../model/errors.ts";
import { FETCH_TYPES } from "../database/driver.ts";

/** Each process that uses the server shares this lock for as long; whoever gets it alone is the last. */
const LOCK = 7_270_392;
const RETRY_MS = 100;

export interface ServerHold {
  /**
   * Gives the server up. True when nobody else holds it: it is then ours to stop, and newcomers wait until `end`.
   * False when others hold it or it is gone.
   */
  release(): Promise<boolean>;
  end(): Promise<void>;
}

/**
 * Registers this process as a user of the server, on a connection of its own, and creates the database when it is missing.
 * Null when the server is going down. The registration ends with the process, however it ends.
 */
export async function holdServer(url: string, database: string): Promise<ServerHold | null> {
  /** `lost` while the lock is being taken again; one loop does that, though every failed attempt closes a connection. */
  let state: "outside" | "held" | "lost" = "outside";
  const sql = postgres(url, {
    max: 1,
    fetch_types: FETCH_TYPES,
    max_lifetime: null,
    connect_timeout: 5,
    backoff: () => RETRY_MS / 1000,
    onnotice: () => {},
    // A backend may be terminated while the server lives on. Unregistered, we would lose the server to the next who leaves.
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

/** Lets go first and then asks: of two that leave at the same time, at least one finds itself alone. */
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
    // Another process that started at the same time has created it meanwhile.
    if (!isDuplicate(error)) throw error;
  }
}

function isDuplicate(error: unknown): boolean {
  return error instanceof postgres.PostgresError && (error.code === "42P04" || error.code === "23505");
}
