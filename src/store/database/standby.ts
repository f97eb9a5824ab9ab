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
 * Whether the client's connection leads to a standby: PostgreSQL says so without being asked, when a session begins and
 * when it changes. False behind a pooler, which hides it. Not postgres.js's `target_session_attrs`: where it hears nothing
 * it asks, and a connection that breaks in that moment ends the process.
 */
export function isStandby({ parameters }: Client): boolean {
  return Reflect.get(parameters, "in_hot_standby") === "on";
}
