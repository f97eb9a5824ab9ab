/**
 * A server in a process of its own that measures what its requests cost. Each message is answered with the longest turn of
 * its event loop, in milliseconds of its thread's processor time, and the most memory beyond what it began with, in bytes,
 * since the message before. Processor time, as what other processes do plays no part in it.
 */
import { pino } from "pino";

import { toConnectOptions } from "../../../src/commands/open-database.ts";
import { readConfig } from "../../../src/config.ts";
import { startServer } from "../../../src/server/server.ts";
import { connect } from "../../../src/store/database/client.ts";

// Turns of less are not told apart: together they are as long as one of so much.
const LOOK_EVERY_MS = 5;

const config = readConfig({ PORT: "0", DATABASE_URL: process.env.DATABASE_URL });
const database = connect(config.databaseUrl ?? "", toConnectOptions(config));
const server = await startServer({ config, database, log: pino({ level: "silent" }) });

let [longest, last, base, peak] = [0, processorTime(), memory(), 0];
const look = () => {
  const now = processorTime();
  longest = Math.max(longest, now - last);
  last = now;
  peak = Math.max(peak, memory());
};
setInterval(look, LOOK_EVERY_MS).unref();

process.on("message", () => {
  look();
  process.send?.({ turnMs: longest, bytes: peak - base });
  // What nobody needs is not taken for what the next request takes.
  global.gc?.();
  [longest, last, base, peak] = [0, processorTime(), memory(), 0];
});
process.on("disconnect", () => process.exit());
process.send?.(new URL(server.url).origin);

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
