import { connect, type Database } from "../../src/store/database/client.ts";
import type { ConnectOptions } from "../../src/store/database/driver.ts";
import { ON_CITUS } from "./citus.ts";

// One connection, the product's timeouts, and time enough to wait for it on a busy machine.
const DEFAULTS: ConnectOptions = {
  poolSize: 1,
  poolTimeoutMs: 5000,
  statementTimeoutMs: 5000,
  lockTimeoutMs: 500,
  prepare: true,
  distributed: ON_CITUS,
};

/** A database for a test's own statements. The test closes it. */
export function connectTo(url: string, options: Partial<ConnectOptions> = {}): Database {
  return connect(url, { ...DEFAULTS, ...options });
}
