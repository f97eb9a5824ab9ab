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
 * Rejects with a StandbyError where the client's connection leads to a standby. One statement. Not postgres.js's
 * `target_session_attrs`, nor the parameter `in_hot_standby` that it looks at: PgBouncer hands that on as it once was, and
 * where it is missing the driver asks in a way that ends the process when the connection breaks in that moment.
 */
export async function refuseStandby(client: Client): Promise<void> {
  const [row] = await client.unsafe<{ isInRecovery: boolean }[]>(`SELECT pg_is_in_recovery() AS "isInRecovery"`);
  if (row?.isInRecovery === true) throw new StandbyError();
}
