import type { Config } from "../config.ts";
import { sqlState } from "../model/errors.ts";
import type { Database } from "../store/database/client.ts";
import { countServers, NotReady, requireWorkers } from "../store/distributed/readiness.ts";
import { distributeDatabase, measureTables, type TableSizes } from "../store/schema/distribute-database.ts";
import { defineCommand, UsageError } from "./command.ts";
import { confirm, requireTerminal } from "./confirm.ts";
import { bringUpToDate, openDatabase } from "./open-database.ts";
import { startProgress } from "./progress.ts";
import { reasonOf } from "./reason.ts";

// What two processors copied, with the indexes made again.
const BYTES_A_SECOND = 10_000_000;

const KEPT = "It is done as a whole or not at all: run it again, and it says what is left to do.";
const NOTHING_DISTRIBUTED = "Nothing is distributed";
const LOCKED = "55P03";

export const distributeCommand = defineCommand({
  name: "distribute",
  summary: "Distributes the tables by project over the workers of a Citus cluster.",
  details: `DATABASE_URL names the coordinator, which has the extension citus and knows its workers. All tables are distributed in one
transaction, or none; servers are to be stopped first. The rows of a project are on one worker then. Asks first, unless --yes
is given; without a terminal to ask on, --yes is needed. What is distributed already stays as it is.`,
  options: { yes: { type: "boolean", description: "does not ask" } },
  positionals: [],
  async run({ values: { yes = false }, config, signal, out }) {
    requireSettings(config);
    requireTerminal(yes);
    const { database, explain, close } = await openDatabase(config);
    try {
      const workers = await requireWorkers(database);
      // Citus hands migrations on to the workers, and one that differs may not take them.
      await bringUpToDate(config, database);
      const sizes = await measureTables(database);
      if (sizes.tables.size === 0) {
        out("nothing to do: all tables are distributed");
        return 0;
      }
      const what = `${sizes.tables.size} tables with about ${Math.round(sizes.rows)} rows (${sizes.bytes} bytes) over ${workers} workers`;
      const seconds = Math.ceil(1 + sizes.bytes / BYTES_A_SECOND);
      out(`${what}: everything that uses the database waits for about ${seconds} s`);
      if (!yes && !(await confirm("Distribute them?", signal))) {
        out("distributed nothing");
        return 1;
      }
      await requireNoServers(database);
      const begin = performance.now();
      await distribute(database, sizes);
      out(`distributed ${what} in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      return 0;
    } catch (error) {
      throw await explain(refusalOf(error), KEPT);
    } finally {
      await close();
    }
  },
});

function requireSettings({ databaseUrl, databaseReplicaUrls }: Config): void {
  if (databaseUrl === undefined) {
    throw new UsageError("DATABASE_URL must name the coordinator: the embedded database is on one machine");
  }
  if (databaseReplicaUrls.length > 0) {
    throw new UsageError("DATABASE_REPLICA_URLS must not be set: a distributed database is read where it is written");
  }
}

async function requireNoServers(database: Database): Promise<void> {
  const count = await countServers(database);
  if (count === 0) return;
  throw new NotReady(`${count} sessions of servers or commands are open. Stop them, and start them again afterwards`);
}

async function distribute(database: Database, { bytes, tables }: TableSizes): Promise<void> {
  const progress = startProgress(bytes);
  let moved = 0;
  let current = 0;
  try {
    await distributeDatabase(database, (table) => {
      moved += current;
      current = tables.get(table) ?? 0;
      progress.update(moved, 0);
      progress.say(`${table} (${current} bytes)`);
    });
  } finally {
    progress.stop();
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof NotReady) return new Error(`${NOTHING_DISTRIBUTED}: ${error.message}.`, { cause: error });
  if (sqlState(error) !== LOCKED) return error;
  const advice =
    "another transaction holds a table. End it (see pg_stat_activity), and stop what else uses the database";
  return new Error(`${NOTHING_DISTRIBUTED}: ${advice} (${reasonOf(error)}).`, { cause: error });
}
