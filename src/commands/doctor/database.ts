import type { Config } from "../../config.ts";
import { callOf } from "../../model/call-of.ts";
import { noSpaceLeft, sqlState } from "../../model/errors.ts";
import { connect, type Database } from "../../store/database/client.ts";
import { hostsOf } from "../../store/database/database-url.ts";
import { isDeviceFull } from "../../store/embedded/disk-space.ts";
import { type EmbeddedState, inspectEmbedded } from "../../store/embedded/inspect-embedded.ts";
import { listKeys } from "../../store/keys/keys.ts";
import { openReplicas } from "../../store/replicas/replicas.ts";
import { type DatabaseFacts, inspectDatabase } from "../../store/schema/inspect-database.ts";
import { readServerVersion } from "../../store/schema/server-version.ts";
import { connectionFault } from "../connection-error.ts";
import { openDatabase, toConnectOptions } from "../open-database.ts";
import { reasonOf } from "../reason.ts";
import { examineCluster } from "./cluster.ts";
import type { Finding } from "./finding.ts";
import { examineItems } from "./items.ts";
import { judgeKeys, keysOfAStoppedDatabase } from "./keys.ts";
import { describeStored } from "./stored.ts";

type Findings = AsyncGenerator<Finding, void>;

/** Findings about the database of the settings and its content. Starts no database and creates no folder. */
export async function* examineDatabase(config: Config, withItems = false): Findings {
  try {
    if (config.databaseUrl === undefined) yield* examineEmbedded(config, withItems);
    else yield* examineRemote(config, config.databaseUrl, withItems);
  } catch (error) {
    yield { level: "fail", subject: "database", text: reasonOf(error) };
  }
}

async function* examineRemote(config: Config, url: string, withItems: boolean): Findings {
  const { database, close } = await openDatabase(config);
  try {
    yield* examineCluster(config, database);
    yield* examineContent(config, database, (version) => `PostgreSQL ${version} at ${hostsOf(url)}`);
    yield* examineListening(config);
    yield* examineReplicas(config, database);
    if (withItems) yield* examineItems(database);
  } finally {
    await close();
  }
}

async function* examineEmbedded(config: Config, withItems: boolean): Findings {
  const embedded = inspectEmbedded(config.dataDir);
  if (embedded.url === null) {
    yield { level: "ok", subject: "database", text: describeEmbedded(embedded) };
    if (embedded.state !== "new") yield* examineDevice(embedded);
    if (embedded.state === "new") yield judgeKeys(config, []);
    else yield* keysOfAStoppedDatabase(config);
    return;
  }
  const database = connect(embedded.url, toConnectOptions(config));
  try {
    yield* examineContent(config, database, () => describeEmbedded(embedded));
    yield* examineDevice(embedded);
    if (withItems) yield* examineItems(database);
  } finally {
    await database.close();
  }
}

async function* examineDevice({ dataDir }: EmbeddedState): Findings {
  if (dataDir === null || !(await isDeviceFull(dataDir))) return;
  yield { level: "fail", subject: "disk", text: `${noSpaceLeft(`at ${dataDir}`)}. Free some.` };
}

const STATES: Record<EmbeddedState["state"], string> = {
  running: "running",
  new: "will be made at the first start",
  stopped: "not running: whatever needs it starts it",
  busy: "starting or stopping just now",
};

function describeEmbedded({ version, dataDir, state }: EmbeddedState): string {
  const place = dataDir === null ? "in a place that PostgreSQL's account can reach" : `its data in ${dataDir}`;
  return `embedded PostgreSQL ${version}, ${place}, ${STATES[state]}`;
}

async function* examineContent(config: Config, database: Database, describe: (version: number) => string): Findings {
  const facts = await inspectDatabase(database);
  yield { level: "ok", subject: "database", text: describe(facts.version) };
  yield examineText(facts);
  yield examineMigrations(config, facts);
  yield judgeKeys(config, await listKeys(database).catch(noKeysWithoutTables));
  if (facts.pendingMigrations === 0) yield await describeStored(database);
}

// The missing migrations may include the one that creates the table, or a column of it.
function noKeysWithoutTables(error: unknown): [] {
  if (["42P01", "42703"].includes(sqlState(error) ?? "")) return [];
  throw error;
}

function examineText({ encoding, lostSearches }: DatabaseFacts): Finding {
  const subject = "letters";
  if (encoding !== "UTF8") {
    const text = `the encoding is ${encoding}: not every text can be stored. Create the database with ENCODING 'UTF8'.`;
    return { level: "fail", subject, text };
  }
  if (lostSearches.length === 0) return { level: "ok", subject, text: "UTF8, and search finds ¿dónde and 京都" };
  const text = `search does not find ${lostSearches.join(" and ")}. Create the database with LC_CTYPE 'C.UTF-8' if that matters.`;
  return { level: "warn", subject, text };
}

function examineMigrations({ migrate }: Config, { pendingMigrations: pending, mayMigrate }: DatabaseFacts): Finding {
  const subject = "migrations";
  if (pending === 0) return { level: "ok", subject, text: "all are applied" };
  if (!mayMigrate) {
    const text = `${pending} are missing, and this user may not apply them. Grant it CREATE on the database and on the schema public.`;
    return { level: "fail", subject, text };
  }
  if (migrate) return { level: "warn", subject, text: `${pending} are missing; the next start applies them` };
  return { level: "fail", subject, text: `${pending} are missing, and MIGRATE is 0. Run \`${callOf("migrate")}\`.` };
}

async function* examineListening({ databaseListenUrl: url, ...config }: Config): Findings {
  if (url === undefined) return;
  const database = connect(url, toConnectOptions({ ...config, databaseListenUrl: undefined }));
  try {
    await readServerVersion(database);
    yield { level: "ok", subject: "listening", text: `PostgreSQL at ${hostsOf(url)} answers` };
  } catch (error) {
    const text = `${connectionFault("DATABASE_LISTEN_URL", url, error).message} Until then subscribers get changes late.`;
    yield { level: "warn", subject: "listening", text };
  } finally {
    await database.close();
  }
}

const REPLICA_ADVICE = {
  "not a replica":
    "is no replica of this database, so the primary is read instead. Correct DATABASE_REPLICA_URLS, or set it up as one.",
  "no answer": "does not answer, so the primary is read instead. Start it, or correct DATABASE_REPLICA_URLS.",
  "another timeline":
    "is on another timeline than the primary, so that is read instead. Have it follow the primary (pg_rewind), or copy it again." +
    " After a promotion it takes until the replica's next checkpoint, or at once with GRANT pg_read_all_stats.",
  "no WAL receiver": "receives nothing, so the primary is read instead. See to its primary_conninfo.",
  "too far behind": "is further behind than DATABASE_REPLICA_MAX_LAG_MS, so the primary is read instead.",
} as const;

async function* examineReplicas(config: Config, primary: Database): Findings {
  const { databaseReplicaUrls: urls, databaseReplicaMaxLagMs: maxLagMs } = config;
  if (urls.length === 0) return;
  const replicas = await openReplicas(primary, urls, toConnectOptions(config), maxLagMs);
  try {
    for (const found of await replicas.states()) {
      if (found.state === "ok") yield { level: "ok", subject: "replica", text: `${found.host} follows` };
      else {
        const advice = REPLICA_ADVICE[found.state === "unavailable" ? found.reason : found.state];
        yield { level: "warn", subject: "replica", text: `${found.host} ${advice}` };
      }
    }
  } finally {
    await replicas.close();
  }
}
