import type { Config } from "../config.ts";
import { connect, type Database } from "../store/database/client.ts";
import type { ConnectOptions } from "../store/database/driver.ts";
import { openEmbedded } from "../store/embedded/open-embedded.ts";
import { isMigrated, migrate } from "../store/schema/migrate.ts";
import { readServerVersion } from "../store/schema/server-version.ts";
import { connectionFault } from "./connection-error.ts";

const OLDEST_VERSION = 15;

export interface OpenDatabase {
  database: Database;
  /** The folder of the embedded database; null for the one of DATABASE_URL. */
  dataDir: string | null;
  /** Closes the connections, and stops the embedded database when no other process uses it. */
  close(): Promise<void>;
}

/** The database of the settings, as it is: perhaps without any tables. Throws an Error that says what to change. */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) return openRemote(config, config.databaseUrl);
  const embedded = await openEmbedded(config.dataDir);
  const database = connectTo(config, embedded.url);
  return {
    database,
    dataDir: embedded.dataDir,
    async close() {
      await database.close();
      await embedded.close();
    },
  };
}

/** The database of the settings with all migrations. With MIGRATE=0 it throws when some are missing. */
export async function openMigratedDatabase(config: Config): Promise<OpenDatabase> {
  const opened = await openDatabase(config);
  try {
    if (config.migrate) await migrate(opened.database);
    else if (!(await isMigrated(opened.database))) {
      throw new Error("The database lacks migrations, and MIGRATE is 0. Run `npm run migrate` first.");
    }
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openRemote(config: Config, url: string): Promise<OpenDatabase> {
  const database = connectTo(config, url);
  try {
    await checkVersion(database, url);
    return { database, dataDir: null, close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function checkVersion(database: Database, url: string): Promise<void> {
  const version = await readServerVersion(database).catch((cause) => {
    throw connectionFault("DATABASE_URL", url, cause);
  });
  if (version >= OLDEST_VERSION) return;
  throw new Error(
    `DATABASE_URL: ${new URL(url).host} runs PostgreSQL ${version}; ${OLDEST_VERSION} or newer is needed`,
  );
}

function connectTo(config: Config, url: string): Database {
  return connect(url, toConnectOptions(config));
}

/** How the settings have databases connected to. */
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
