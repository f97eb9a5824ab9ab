import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createKey } from "../../../src/store/keys/keys.ts";
import { migrate } from "../../../src/store/schema/migrate.ts";
import { databaseUrl, withAdmin } from "../../harness/admin.ts";
import { startBreakableCluster } from "../../harness/cluster.ts";
import { connectTo } from "../../harness/connect.ts";

/** What the requests since the last look took of the server. */
export interface Cost {
  /** The longest that one of them kept all others waiting, in milliseconds of processor time. */
  turnMs: number;
  /** The most memory that they took at once, in bytes. */
  bytes: number;
}

interface MeasuredServer {
  origin: string;
  /** What was taken since the last call. */
  cost(): Promise<Cost>;
}

export interface MeasuredServers {
  /** One that asks for a key, and that key. */
  closed: MeasuredServer;
  key: string;
  /** One that never had a key, and asks for none. */
  open: MeasuredServer;
  close(): Promise<void>;
}

// Collects garbage before it counts as memory in use.
const FLAGS = ["--expose-gc", "--max-semi-space-size=1"];

/** Two servers in processes of their own, on a PostgreSQL of the test's. */
export async function startMeasuredServers(): Promise<MeasuredServers> {
  const cluster = await startBreakableCluster();
  const [closedUrl, openUrl] = [await newDatabase(cluster.url, "closed"), await newDatabase(cluster.url, "open")];
  const database = connectTo(closedUrl);
  const key = await createKey(database, "default", "project", null);
  await database.close();
  const [closed, open] = [await startMeasured(closedUrl), await startMeasured(openUrl)];
  return {
    closed,
    key,
    open,
    async close() {
      for (const { child } of [closed, open]) {
        child.disconnect();
        await once(child, "exit");
      }
      await cluster.stop();
    },
  };
}

async function newDatabase(clusterUrl: string, kind: string): Promise<string> {
  const name = `cost_${kind}_${process.pid}`;
  await withAdmin(clusterUrl, (admin) => admin.unsafe(`CREATE DATABASE ${name}`));
  const url = databaseUrl(clusterUrl, name);
  const database = connectTo(url, { statementTimeoutMs: 0, lockTimeoutMs: 0 });
  await migrate(database);
  await database.close();
  return url;
}

async function startMeasured(url: string): Promise<MeasuredServer & { child: ChildProcess }> {
  const child = fork(new URL("server.ts", import.meta.url), {
    env: { DATABASE_URL: url },
    execArgv: [...process.execArgv, ...FLAGS],
  });
  const [origin] = await once(child, "message");
  const cost = async () => {
    child.send("cost");
    const [found] = await once(child, "message");
    return found;
  };
  await cost();
  return { origin, cost, child };
}
