import { READ_ONLY } from "../../model/errors.ts";
import type { Client } from "./driver.ts";

/** A standby answered where the primary is needed. It counts as PostgreSQL's own error of a write there. */
export class StandbyError extends Error {
  override readonly name = "StandbyError";
  readonly code = READ_ONLY;

  constructor() {
    super("it is a standby, which takes no writes");
  }
}

/**
 * Whether the client's connection may lead to a standby: what PostgreSQL says by itself when a session begins. PgBouncer
 * hands it on as it once was, or not at all. Not postgres.js's `target_session_attrs`, which believes it, and where nothing is
 * said asks in a way that ends the process when the connection breaks in that moment.
 */
export function seemsStandby({ parameters }: Client): boolean {
  return Reflect.get(parameters, "in_hot_standby") === "on";
}

/** Rejects with a StandbyError where the client's connection leads to a standby. One statement. */
export async function refuseStandby(client: Client): Promise<void> {
  const [row] = await client.unsafe<{ isInRecovery: boolean }[]>(`SELECT pg_is_in_recovery() AS "isInRecovery"`);
  if (row?.isInRecovery === true) throw new StandbyError();
}
