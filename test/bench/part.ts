import { databaseUrl, withAdmin } from "../harness/admin.ts";
import type { Options } from "./options.ts";
import { parentOf } from "./process-figures.ts";
import { runProject } from "./project.ts";

/** What a part of the bench is given to measure with. */
export interface Bench {
  clusterUrl: string;
  options: Options;
  signal: AbortSignal;
  say(line: string): void;
}

/** One table of a part: every row has a name and a cell for each column. */
export interface Table {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A database for what changes its data, made anew. */
export interface ScratchDatabase {
  url: string;
  /** A project's key for it. */
  key: string;
  /** The process that all of its processes are children of. */
  postmaster: number;
}

/** A migrated database without conversations, with a key; one of the same name is dropped. */
export async function makeScratch({ clusterUrl }: Bench, name: string): Promise<ScratchDatabase> {
  await withAdmin(clusterUrl, async (admin) => {
    await admin.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.unsafe(`CREATE DATABASE ${name}`);
  });
  const url = databaseUrl(clusterUrl, name);
  await runProject(["migrate"], url);
  const key = await runProject(["keys", "create", "--access", "project"], url);
  return { url, key, postmaster: await postmasterOf(url) };
}

/** The process of a PostgreSQL that its other processes are children of. */
export function postmasterOf(url: string): Promise<number> {
  return withAdmin(url, async (admin) => {
    const [row] = await admin<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    return parentOf(row?.pid ?? 0);
  });
}

/** How many bytes of WAL the cluster has written. */
export function walBytes(url: string): Promise<number> {
  return withAdmin(url, async (admin) => {
    const [row] = await admin<{ bytes: string }[]>`SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes`;
    return Number(row?.bytes);
  });
}
