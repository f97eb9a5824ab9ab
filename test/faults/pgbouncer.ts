import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import postgres from "postgres";
import { vi } from "vitest";

import { isRoot, postgresAccount } from "../../src/store/embedded/account.ts";
import { programOptions } from "../../src/store/embedded/run-program.ts";
import { newOpenFolder } from "../harness/database-folder.ts";
import { freePort } from "./postgres-server.ts";

/** A PgBouncer in front of a PostgreSQL, which lends a connection for one transaction at a time. */
export interface PgBouncer {
  /** The URL of the database behind it. */
  url: string;
  stop(): Promise<void>;
}

/**
 * A PgBouncer in front of the database, with two connections to it for all clients; on the given port, or on a free
 * one.
 */
export async function startPgBouncer(program: string, databaseUrl: string, givenPort?: string): Promise<PgBouncer> {
  const { hostname, port: behind, pathname, username } = new URL(databaseUrl);
  const port = givenPort ?? (await freePort());
  const folder = await newOpenFolder();
  const file = join(folder, "pgbouncer.ini");
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "any",
    pool_mode: "transaction",
    default_pool_size: 2,
    max_client_conn: 200,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const target = `host=${hostname} port=${behind} user=${username}`;
  await writeFile(file, `[databases]\n${pathname.slice(1)} = ${target}\n[pgbouncer]\n${lines.join("\n")}\n`);
  const account = isRoot() ? postgresAccount() : {};
  const process: ChildProcess = spawn(program, ["-q", file], { ...programOptions(account), stdio: "ignore" });
  const ended = once(process, "exit");
  const url = `postgres://${username}@127.0.0.1:${port}${pathname}`;
  await vi.waitUntil(() => isThere(url), { timeout: 10_000 });
  return {
    url,
    stop: async () => {
      process.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function isThere(url: string): Promise<boolean> {
  const client = postgres(url, { max: 1, connect_timeout: 1 });
  try {
    return (await client`SELECT 1`).length === 1;
  } catch {
    return false;
  } finally {
    await client.end({ timeout: 0 });
  }
}
