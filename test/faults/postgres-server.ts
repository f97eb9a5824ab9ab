import { appendFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { type Account, isRoot, postgresAccount } from "../../src/store/embedded/account.ts";
import { runProgram } from "../../src/store/embedded/run-program.ts";
import { newOpenFolder } from "../harness/database-folder.ts";

/** A PostgreSQL of a test's own, which it may stop and start. */
export interface PostgresServer {
  /** The URL of its maintenance database, as a superuser. */
  url: string;
  /** The folder with its data. */
  data: string;
  start(): Promise<void>;
  /** `immediate` ends it as a crash would. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  /** Makes a primary of a replica, on a timeline of its own; resolves when it takes writes. */
  promote(): Promise<void>;
  /** Makes a replica of the primary out of what it is, without copying anything; to be called while it is stopped. */
  follow(primary: PostgresServer): Promise<void>;
  /** Stops it, and deletes what it kept. */
  remove(): Promise<void>;
}

const account: Account = isRoot() ? postgresAccount() : {};

/** A new, empty server that replicas may follow, made with the programs in the folder; started. */
export async function startPrimary(programs: string): Promise<PostgresServer> {
  const folder = await newOpenFolder();
  const data = join(folder, "data");
  await runProgram(account, join(programs, "initdb"), [
    ...["-D", data, "--no-sync", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"],
  ]);
  return startIn(programs, folder);
}

/** A streaming replica of the primary; started. */
export async function startReplica(programs: string, primary: PostgresServer): Promise<PostgresServer> {
  const folder = await newOpenFolder();
  const data = join(folder, "data");
  await runProgram(account, join(programs, "pg_basebackup"), [
    ...["-d", primary.url, "-D", data, "--no-sync", "--write-recovery-conf", "--checkpoint=fast"],
  ]);
  return startIn(programs, folder);
}

/** A server that waits for a primary's log as a replica does, and is the replica of none; started. */
export async function startForeignReplica(programs: string): Promise<PostgresServer> {
  const server = await startPrimary(programs);
  await server.stop("fast");
  await writeFile(join(server.data, "standby.signal"), "");
  await server.start();
  return server;
}

async function startIn(programs: string, folder: string): Promise<PostgresServer> {
  const data = join(folder, "data");
  const port = await freePort();
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
  const control = async (...args: string[]) => {
    await runProgram(account, join(programs, "pg_ctl"), [...args, "-w", "-D", data]);
  };
  const server: PostgresServer = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    data,
    start: () => control("start", "-l", join(data, "log"), "-o", options),
    stop: (mode) => control("stop", "-m", mode),
    promote: () => control("promote"),
    follow: async ({ url }) => {
      await appendFile(join(data, "postgresql.auto.conf"), `primary_conninfo = '${url}'\n`);
      await writeFile(join(data, "standby.signal"), "");
    },
    remove: async () => {
      await control("stop", "-m", "immediate").catch(() => {});
      await rm(folder, { recursive: true });
    },
  };
  await server.start();
  return server;
}

/** A port of this machine without a listener. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject()));
    });
  });
}
