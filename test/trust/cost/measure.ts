import { fork } from "node:child_process";
import { once } from "node:events";

import { createKey } from "../../../src/store/keys/keys.ts";
import { connectTo } from "../../harness/connect.ts";
import { createDatabase } from "../../harness/database.ts";

/** What the requests since the last look took of the server. */
interface Cost {
  /** The longest that one of them kept all others waiting, in milliseconds of processor time. */
  turnMs: number;
  /** The most memory that they took at once, in bytes. */
  bytes: number;
}

export interface MeasuredServer {
  origin: string;
  key: string;
  /** What was taken since the last call. */
  cost(): Promise<Cost>;
  close(): Promise<void>;
}

// Collects garbage before it counts as memory in use.
const FLAGS = ["--expose-gc", "--max-semi-space-size=1"];

/** A server of its own, with keys. */
export async function startMeasuredServer(): Promise<MeasuredServer> {
  const { url, drop } = await createDatabase();
  const database = connectTo(url);
  const key = await createKey(database, "default", "project", null);
  await database.close();
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
  return {
    origin,
    key,
    cost,
    async close() {
      child.disconnect();
      await once(child, "exit");
      await drop();
    },
  };
}
