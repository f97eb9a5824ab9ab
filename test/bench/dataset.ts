import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type postgres from "postgres";

import { databaseUrl, withAdmin } from "../harness/admin.ts";
import { runProject } from "./project.ts";

const PEERS_SQL = fileURLToPath(new URL("peers.sql", import.meta.url));
const GENERATOR = fileURLToPath(new URL("../../src/seed/", import.meta.url));

/**
 * The URL of a database with so many generated conversations, stored as the project and as each peer stores them. Kept
 * in the cluster from run to run, and made again when the generator or the peers' tables have changed. An interrupted
 * seeding continues where it stopped. Afterwards no key exists.
 */
export async function prepareDataset(
  clusterUrl: string,
  conversations: number,
  say: (line: string) => void,
): Promise<string> {
  const name = `bench_${conversations}`;
  const url = databaseUrl(clusterUrl, name);
  const fingerprint = await fingerprintOf();
  await withAdmin(clusterUrl, (admin) => ensureDatabase(admin, name, fingerprint));
  // What was cached by an earlier version of the project gets the migrations of this one, as a user's data does.
  await runProject(["migrate"], url);
  const isReady = await withAdmin(clusterUrl, async (admin) => (await describe(admin, name)) === fingerprint);
  if (!isReady) await fill(url, conversations, say);
  await withAdmin(url, (admin) => admin`TRUNCATE keys`);
  await withAdmin(clusterUrl, (admin) => admin.unsafe(`COMMENT ON DATABASE ${name} IS '${fingerprint}'`));
  return url;
}

async function ensureDatabase(admin: postgres.Sql, name: string, fingerprint: string): Promise<void> {
  const [found] = await admin`SELECT FROM pg_database WHERE datname = ${name}`;
  const known = found === undefined ? null : await describe(admin, name);
  if (known !== null && known !== fingerprint) await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`);
  if (found === undefined || (known !== null && known !== fingerprint)) await admin.unsafe(`CREATE DATABASE ${name}`);
}

/** The fingerprint of what the database was filled with; null while it is not full. */
async function describe(admin: postgres.Sql, name: string): Promise<string | null> {
  const [row] = await admin<{ comment: string | null }[]>`
    SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = ${name}`;
  return row?.comment ?? null;
}

async function fill(url: string, conversations: number, say: (line: string) => void): Promise<void> {
  say(`seeding ${conversations} conversations (once: they are kept)`);
  await runProject(["seed", "--conversations", String(conversations)], url);
  say("copying them into the peers' tables");
  const sql = await readFile(PEERS_SQL, "utf8");
  await withAdmin(url, async (admin) => {
    await admin.unsafe(sql).simple();
    await admin`VACUUM (ANALYZE)`;
  });
}

async function fingerprintOf(): Promise<string> {
  const generator = (await readdir(GENERATOR)).sort().map((file) => `${GENERATOR}${file}`);
  const hash = createHash("sha256");
  for (const file of [...generator, PEERS_SQL]) hash.update(await readFile(file));
  return hash.digest("hex");
}
