import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { type Account, isRoot, postgresAccount } from "../../src/store/embedded/account.ts";
import { openEmbedded } from "../../src/store/embedded/open-embedded.ts";
import { findPrograms, installedPackage } from "../../src/store/embedded/programs.ts";
import { runProgram } from "../../src/store/embedded/run-program.ts";
import { databaseUrl } from "./admin.ts";
import { CITUS_NODES } from "./citus.ts";
import { newOpenFolder } from "./database-folder.ts";

export interface Cluster {
  /** The URL of its maintenance database, as a superuser. */
  url: string;
  stop(): Promise<void>;
}

/** A PostgreSQL that its test may break. */
export interface BreakableCluster extends Cluster {
  /** Ends it at once: running statements are broken off, and the next start has to recover. */
  crash(): Promise<void>;
  /** Starts it again on the same port; resolves when it takes connections. */
  start(): Promise<void>;
}

/**
 * The PostgreSQL of a test run: the embedded one; one made with the programs in the folder TEST_POSTGRES_BIN; or the
 * one at TEST_DATABASE_URL, or the first of TEST_CITUS_URLS, which keep running.
 */
export async function startCluster(): Promise<Cluster> {
  const { TEST_DATABASE_URL: url = CITUS_NODES[0], TEST_POSTGRES_BIN: programs } = process.env;
  if (url !== undefined) return { url, stop: async () => {} };
  if (programs !== undefined) return startBreakableCluster();
  const folder = await newOpenFolder();
  const { url: embedded, close } = await openEmbedded(join(folder, "data"));
  return {
    url: databaseUrl(embedded, "postgres"),
    stop: async () => {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A PostgreSQL of the test's own, made with the programs in TEST_POSTGRES_BIN or with the embedded ones. */
export async function startBreakableCluster(): Promise<BreakableCluster> {
  const account: Account = isRoot() ? postgresAccount() : {};
  const folder = await newOpenFolder();
  const data = join(folder, "data");
  const { initdb, pgCtl } = await programsFor(account);
  const port = await freePort();
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
  const start = async () => {
    await runProgram(account, pgCtl, ["start", "-w", "-D", data, "-l", join(data, "log"), "-o", options]);
  };
  const end = async (mode: "fast" | "immediate") => {
    await runProgram(account, pgCtl, ["stop", "-D", data, "-m", mode]);
  };
  const how = ["--no-sync", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8"];
  await runProgram(account, initdb, ["-D", data, ...how]);
  await start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start,
    crash: () => end("immediate"),
    stop: async () => {
      await end("fast");
      await rm(folder, { recursive: true });
    },
  };
}

async function programsFor(account: Account): Promise<{ initdb: string; pgCtl: string }> {
  const folder = process.env.TEST_POSTGRES_BIN;
  if (folder === undefined) return findPrograms(account, installedPackage());
  return { initdb: join(folder, "initdb"), pgCtl: join(folder, "pg_ctl") };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject()));
    });
  });
}
