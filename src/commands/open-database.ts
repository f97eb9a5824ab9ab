import type { Config } from "../config.ts";
import { callOf } from "../model/call-of.ts";
import { connect, type Database } from "../store/database/client.ts";
import { hostsOf } from "../store/database/database-url.ts";
import type { ConnectOptions } from "../store/database/driver.ts";
import { isDistributed } from "../store/distributed/is-distributed.ts";
import { openEmbedded } from "../store/embedded/open-embedded.ts";
import { isMigrated, migrate } from "../store/schema/migrate.ts";
import { readServerVersion } from "../store/schema/server-version.ts";
import { connectionFault } from "./connection-error.ts";
import { type DatabasePlace, explainFailure } from "./database-failure.ts";

const OLDEST_VERSION = 15;

/** What remains after a migration failed. */
export const NOTHING_APPLIED = "Migrations are applied together or not at all: run it again.";

export interface OpenDatabase {
  database: Database;
  /** Where it is, with its password. */
  url: string;
  /** Whether Citus keeps its tables on several machines. */
  distributed: boolean;
  /** The folder of the embedded database; null for the database of DATABASE_URL. */
  dataDir: string | null;
  /** The error to throw in place of a failure of the work with it (see `explainFailure`). */
  explain(error: unknown, kept?: string): Promise<unknown>;
  /** Calls the listener while the device of the embedded database is full, at most once a minute. */
  onDeviceFull(listener: () => void): void;
  /** Closes the connections, and stops the embedded database when no other process uses it. */
  close(): Promise<void>;
}

/** The database of the settings as it is, perhaps without tables. Throws an Error that says what to change. */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) return openRemote(config, config.databaseUrl);
  const embedded = await openEmbedded(config.dataDir);
  const database = connectTo(config, embedded.url);
  const { dataDir, wasDeviceFull, onDeviceFull } = embedded;
  const place = { name: `the embedded database in ${dataDir}`, device: `at ${dataDir}`, wasDeviceFull };
  return {
    database,
    url: embedded.url,
    distributed: false,
    dataDir,
    explain: (error, kept = "") => explainFailure(error, place, kept),
    onDeviceFull,
    async close() {
      await database.close();
      await embedded.close();
    },
  };
}

/** The database of the settings with all migrations applied. With MIGRATE=0 it throws when some are missing. */
export async function openMigratedDatabase(config: Config): Promise<OpenDatabase> {
  const opened = await openDatabase(config);
  try {
    await bringUpToDate(config, opened.database);
    return opened;
  } catch (error) {
    const explained = await opened.explain(error, NOTHING_APPLIED);
    await opened.close();
    throw explained;
  }
}

/** Applies the migrations that the database lacks. With MIGRATE=0 it throws when there are some. */
export async function bringUpToDate(config: Config, database: Database): Promise<void> {
  if (config.migrate) await migrate(database);
  else if (!(await isMigrated(database))) {
    throw new Error(`The database lacks migrations, and MIGRATE is 0. Run \`${callOf("migrate")}\` first.`);
  }
}

async function openRemote(config: Config, url: string): Promise<OpenDatabase> {
  let database = connectTo(config, url);
  try {
    await checkVersion(database, url);
    const distributed = await isDistributed(database);
    if (distributed) {
      // Settings of a session are given when it begins.
      await database.close();
      database = connect(url, { ...toConnectOptions(config), distributed });
    }
    return {
      database,
      url,
      distributed,
      dataDir: null,
      explain: (error, kept = "") => explainFailure(error, remotePlace(url), kept),
      onDeviceFull: () => {},
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function remotePlace(url: string): DatabasePlace {
  const name = `the database at ${new URL(url).host}`;
  return { name, device: `of ${name}`, wasDeviceFull: async () => false };
}

async function checkVersion(database: Database, url: string): Promise<void> {
  const version = await readServerVersion(database).catch((cause) => {
    throw connectionFault("DATABASE_URL", url, cause);
  });
  if (version >= OLDEST_VERSION) return;
  throw new Error(`DATABASE_URL: ${hostsOf(url)} runs PostgreSQL ${version}; ${OLDEST_VERSION} or newer is needed`);
}

function connectTo(config: Config, url: string): Database {
  return connect(url, toConnectOptions(config));
}

/** The settings as options for connections to a database. */
export function toConnectOptions(config: Config): ConnectOptions {
  return {
    poolSize: config.poolSize,
    poolTimeoutMs: config.poolTimeoutMs,
    statementTimeoutMs: config.statementTimeoutMs,
    lockTimeoutMs: config.lockTimeoutMs,
    prepare: config.databasePrepare,
    listenUrl: config.databaseListenUrl,
  };
}
