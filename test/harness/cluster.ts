import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Account, isRoot, postgresAccount } from "../../src/store/embedded/account.ts";
import { openEmbedded } from "../../src/store/embedded/open-embedded.ts";
import { runProgram } from "../../src/store/embedded/run-program.ts";
import { databaseUrl } from "./admin.ts";

export interface Cluster {
  /** The URL of its maintenance database, as a superuser. */
  url: string;
  stop(): Promise<void>;
}

/**
 * The PostgreSQL of a test run: the embedded one; one made with the programs in the folder TEST_POSTGRES_BIN; or the one at
 * TEST_DATABASE_URL, which is left running.
 */
export async function startCluster(): Promise<Cluster> {
  const { TEST_DATABASE_URL: url, TEST_POSTGRES_BIN: programs } = process.env;
  if (url !== undefined) return { url, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "conversation-graph-test-"));
  // PostgreSQL may run under another account than the tests.
  await chmod(folder, 0o777);
  const cluster = programs === undefined ? await startEmbedded(folder) : await startWith(programs, folder);
  return {
    url: cluster.url,
    stop: async () => {
      await cluster.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function startEmbedded(folder: string): Promise<Cluster> {
  const { url, close } = await openEmbedded(join(folder, "data"));
  return { url: databaseUrl(url, "postgres"), stop: close };
}

async function startWith(programs: string, folder: string): Promise<Cluster> {
  const account: Account = isRoot() ? postgresAccount() : {};
  const data = join(folder, "data");
  const port = await freePort();
  const run = (program: string, args: string[]) => runProgram(account, join(programs, program), args);
  await run("initdb", ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
  await run("pg_ctl", ["start", "-w", "-D", data, "-l", join(data, "log"), "-o", options]);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await run("pg_ctl", ["stop", "-D", data, "-m", "fast"]);
    },
  };
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
