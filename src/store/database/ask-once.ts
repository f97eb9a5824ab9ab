import { setTimeout as delay } from "node:timers/promises";

import postgres from "postgres";

import { databaseAway } from "../../model/errors.ts";
import { hostOption } from "./database-url.ts";
import { dialOptions } from "./dial.ts";
import { FETCH_TYPES } from "./driver.ts";

const CONNECT_SECONDS = 0.7;
const ANSWER_MS = 1000;

/**
 * Sends a statement without parameters over a connection of its own and resolves to its rows in the statement's order.
 * Rejects with SERVICE_UNAVAILABLE when they do not arrive within a second.
 */
export async function askOnce(url: string, statement: string): Promise<postgres.Row[]> {
  const client = postgres(url, {
    ...hostOption(url),
    ...dialOptions(() => {}),
    max: 1,
    fetch_types: FETCH_TYPES,
    connect_timeout: CONNECT_SECONDS,
    onnotice: () => {},
  });
  const late = delay(ANSWER_MS, null, { ref: false }).then(() => Promise.reject(databaseAway()));
  try {
    return await Promise.race([client.unsafe(statement), late]);
  } finally {
    await client.end({ timeout: 0 });
  }
}

/**
 * Whether the database answers a new connection within a second. A refusal counts: a server without free connections is
 * there.
 */
export async function isReachable(url: string): Promise<boolean> {
  try {
    await askOnce(url, "SELECT 1");
    return true;
  } catch (error) {
    return error instanceof postgres.PostgresError;
  }
}
