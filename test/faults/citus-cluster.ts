import { existsSync } from "node:fs";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { databaseUrl } from "../harness/admin.ts";
import { createCitusDatabase } from "../harness/citus.ts";
import { postgresPrograms } from "./installed.ts";
import { type PostgresServer, startPrimary } from "./postgres-server.ts";

/** A coordinator and two workers of a test's own. */
export interface CitusCluster {
  /** The database on the coordinator, not distributed yet. */
  url: string;
  nodes: PostgresServer[];
  remove(): Promise<void>;
}

/** The folder with the programs of a PostgreSQL that has Citus; null where there is none. */
export function citusPrograms(): string | null {
  const programs = postgresPrograms();
  return programs !== null && existsSync(join(programs, "../lib/citus.so")) ? programs : null;
}

const SETTINGS = `
shared_preload_libraries = 'citus'
citus.node_conninfo = 'sslmode=disable'
citus.shard_count = 4
wal_level = logical
max_prepared_transactions = 200
fsync = off
`;

export async function startCitus(programs: string): Promise<CitusCluster> {
  const nodes = await Promise.all(Array.from({ length: 3 }, () => startNode(programs)));
  const urls = nodes.map(({ url }) => url);
  await createCitusDatabase(urls, "conversations");
  return {
    url: databaseUrl(urls[0] ?? "", "conversations"),
    nodes,
    remove: async () => {
      await Promise.all(nodes.map((node) => node.remove()));
    },
  };
}

async function startNode(programs: string): Promise<PostgresServer> {
  const node = await startPrimary(programs);
  await appendFile(join(node.data, "postgresql.conf"), SETTINGS);
  await node.stop("fast");
  await node.start();
  return node;
}

/** Sends the signal to the server's processes, all of them. */
export async function signalAll({ data }: PostgresServer, signal: "SIGSTOP" | "SIGCONT"): Promise<void> {
  const postmaster = Number.parseInt(await readFile(join(data, "postmaster.pid"), "utf8"), 10);
  process.kill(postmaster, signal);
  for (const thread of await readdir(`/proc/${postmaster}/task`)) {
    const children = await readFile(`/proc/${postmaster}/task/${thread}/children`, "utf8");
    for (const child of children.split(" ").filter(Boolean)) process.kill(Number(child), signal);
  }
}
