import { pino } from "pino";

import { readConfig } from "../../src/config.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import type { TestServer } from "./server.ts";

export interface Twin extends Pick<RunningServer, "close"> {
  /** Its address, without a path. */
  origin: string;
}

/** Another server on the first one's database, which shares nothing else with it. To be closed before the first. */
export async function startTwin({ database }: TestServer, port = "0"): Promise<Twin> {
  const config = readConfig({ PORT: port, DATABASE_URL: "postgres://the-first-ones" });
  const { url, close } = await startServer({ config, database, log: pino({ level: "silent" }) });
  return { origin: new URL(url).origin, close };
}
