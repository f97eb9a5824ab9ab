/** A server in a process of its own, which answers every message with the most memory that it ever took, in bytes. */
import { pino } from "pino";

import { openDatabase } from "../../src/commands/open-database.ts";
import { readConfig } from "../../src/config.ts";
import { startServer } from "../../src/server/server.ts";

const settings = { PORT: "0", DATABASE_URL: process.env.DATABASE_URL, POOL_SIZE: "4", POOL_TIMEOUT_MS: "5000" };
const config = readConfig(settings);
const { database } = await openDatabase(config);
const server = await startServer({ config, database, log: pino({ level: "silent" }) });
let peak = 0;
// Sampled: the system's own record of a process's peak begins with the peak of the process that started it.
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 5).unref();
process.on("message", () => process.send?.(Math.max(peak, process.memoryUsage.rss())));
process.on("disconnect", () => process.exit());
process.send?.(new URL(server.url).origin);
