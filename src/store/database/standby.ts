import { READ_ONLY } from "../../model/errors.ts";
import type { Client } from "./driver.ts";

/** A standby answered where the primary is needed. Counts as PostgreSQL's own error for a write there. */
export class StandbyError extends Error {
  override readonly name = "StandbyError";
  readonly code = READ_ONLY;

  constructor() {
    super("it is a standby, which takes no writes");
  }
}

/**
 * Whether the client's connection may lead to a standby, by what PostgreSQL reports when a session begins. PgBouncer
 * reports an earlier state, or none. The `target_session_attrs` of postgres.js trusts that report, and where none comes
 * it asks in a way that ends the process when the connection breaks at that moment.
 */
export function seemsStandby({ parameters }: Client): boolean {
  return Reflect.get(parameters, "in_hot_standby") === "on";
}

/** Rejects with a StandbyError when the client's connection leads to a standby. One statement. */
export async function refuseStandby(client: Client): Promise<void> {
  const [row] = await client.unsafe<{ isInRecovery: boolean }[]>(`SELECT pg_is_in_recovery() AS "isInRecovery"`);
  if (row?.isInRecovery === true) throw new StandbyError();
}
