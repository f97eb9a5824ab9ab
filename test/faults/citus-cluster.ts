import { existsSync } from "node:fs";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createKey } from "../../src/store/keys/keys.ts";
import { databaseUrl, withAdmin } from "../harness/admin.ts";
import { createCitusDatabase } from "../harness/citus.ts";
import { connectTo } from "../harness/connect.ts";
import { postgresPrograms } from "./installed.ts";
import { type PostgresServer, startPrimary } from "./postgres-server.ts";

/** A coordinator and two workers of a test's own. */
export interface CitusCluster {
  /** The database on the coordinator, not distributed yet. */
  url: string;
  nodes: PostgresServer[];
  remove(): Promise<void>;
}

/** A project with a key of its own. */
export interface Project {
  id: string;
  key: string;
  /** The machine with its rows. */
  worker: PostgresServer;
}

/** The folder with the programs of a PostgreSQL that has Citus; null where there is none. */
export function citusPrograms(): string | null {
  const programs = postgresPrograms();
  return programs !== null && existsSync(join(programs, "../lib/citus.so")) ? programs : null;
}

/** What a suite of such a cluster is called: with the reason where it does not run. */
export function named(name: string): string {
  return citusPrograms() === null ? `${name} (skipped: this machine has no PostgreSQL with Citus)` : name;
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

/** As many projects on each of the two workers. For a distributed database. */
export async function createProjects(cluster: CitusCluster, onEach: number): Promise<Project[]> {
  const database = connectTo(cluster.url, { distributed: true });
  const projects: Project[] = [];
  for (let number = 0; projects.length < 2 * onEach; number += 1) {
    const id = `project-${number}`;
    const worker = await workerOf(cluster, id);
    if (projects.filter((project) => project.worker === worker).length === onEach) continue;
    projects.push({ id, worker, key: await createKey(database, id, "project", null) });
  }
  await database.close();
  return projects;
}

async function workerOf({ url, nodes }: CitusCluster, project: string): Promise<PostgresServer> {
  const port = await withAdmin(url, async (admin) => {
    const [row] = await admin<{ port: number }[]>`
      SELECT nodeport AS port FROM citus_shards
      WHERE shardid = get_shard_id_for_distribution_column('conversations', ${project}::text)`;
    return String(row?.port);
  });
  const worker = nodes.find((node) => new URL(node.url).port === port);
  if (worker === undefined) throw new Error("Every shard is on a worker.");
  return worker;
}
