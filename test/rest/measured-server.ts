/** A server in a process of its own, which answers every message with the most memory that it ever took, in bytes. */
import { pino } from "pino";

import { toConnectOptions } from "../../src/commands/open-database.ts";
import { readConfig } from "../../src/config.ts";
import { startServer } from "../../src/server/server.ts";
import { connect } from "../../src/store/database/client.ts";

const config = readConfig({ PORT: "0", DATABASE_URL: process.env.DATABASE_URL });
const database = connect(config.databaseUrl ?? "", { ...toConnectOptions(config), poolSize: 4, poolTimeoutMs: 5000 });
const server = await startServer({ config, database, log: pino({ level: "silent" }) });
let peak = 0;
// Sampled: the system's own record of a process's peak begins with the peak of the process that started it.
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 5).unref();
process.on("message", () => process.send?.(Math.max(peak, process.memoryUsage.rss())));
process.on("disconnect", () => process.exit());
process.send?.(new URL(server.url).origin);
