import { setTimeout as delay } from "node:timers/promises";

import { type Cluster, embeddedUrl, NAME, openCluster } from "./cluster.ts";
import { noSpaceAt } from "./disk-space.ts";
import { holdServer, type ServerHold } from "./hold.ts";
import { findPostmaster, lastLogLines, startPostmaster, stopPostmaster } from "./postmaster.ts";
import { openServerLog, type ServerLog } from "./server-log.ts";

export interface EmbeddedDatabase {
  url: string;
  /** The folder of its data. */
  dataDir: string;
  /** Whether the device of the data is full, or was at some time since the database was opened. */
  wasDeviceFull(): Promise<boolean>;
  /** Calls the listener while the device of the data is full, at most once a minute. */
  onDeviceFull(listener: () => void): void;
  /** Releases the server. The last process that uses it stops it, and this resolves when it has stopped. */
  close(): Promise<void>;
}

const POLL_MS = 20;
const LOOK_MS = 500;
const ATTEMPTS = 4;
/** Enough for recovery after a crash, which replays at most a gigabyte of the write-ahead log. */
const READY_WITHIN_MS = 120_000;

/**
 * A running embedded PostgreSQL: the one that already runs on the data folder, or a new one (a second when the folder
 * is empty). Any number of processes may open and close it at any time. Throws an Error that says what is wrong.
 */
export async function openEmbedded(dataDir: string | undefined): Promise<EmbeddedDatabase> {
  const cluster = await openCluster(dataDir);
  const log = await openServerLog(cluster);
  const { port, hold } = await runAndHold(cluster).catch(async (error) => {
    throw (await log.wasDeviceFull()) ? noSpaceAt(cluster.path, error) : error;
  });
  const stopWatching = keepAlive(cluster, port, log);
  const close = () => {
    stopWatching();
    return letGo(cluster, hold);
  };
  const { wasDeviceFull, onDeviceFull } = log;
  return { url: embeddedUrl(cluster.password, port), dataDir: cluster.path, wasDeviceFull, onDeviceFull, close };
}

async function runAndHold(cluster: Cluster): Promise<{ port: number; hold: ServerHold }> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const port = await runningPort(cluster, deadline);
    // The registration uses PostgreSQL's own database: advisory locks are per database, and this one always exists.
    const hold = await holdServer(embeddedUrl(cluster.password, port, "postgres"), NAME);
    if (hold !== null) return { port, hold };
    // The last process that used it is stopping it: wait for the end, then start another.
    await delay(POLL_MS);
  }
}

/**
 * The port of a server that takes connections. Starts one when none runs; of several starters PostgreSQL lets one win.
 */
async function runningPort(cluster: Cluster, deadline: number): Promise<number> {
  let attempts = 0;
  let isStarting = () => false;
  while (Date.now() < deadline) {
    const postmaster = findPostmaster(cluster.path);
    if (postmaster?.ready) return postmaster.port;
    if (postmaster === null && !isStarting()) {
      if (attempts === ATTEMPTS) break;
      // The children of a killed server may need a moment to notice and to release the shared memory.
      await delay(attempts * 250);
      attempts += 1;
      isStarting = await startPostmaster(cluster);
    }
    await delay(POLL_MS);
  }
  throw new Error(
    `The embedded PostgreSQL did not start. Its log, ${cluster.logFile}, ends with:\n${lastLogLines(cluster)}`,
  );
}

/**
 * Restarts a server that died, on the port that its users know; several processes may try, one wins. Reads the server's
 * log at the same interval.
 */
function keepAlive(cluster: Cluster, port: number, log: ServerLog): () => void {
  const timer = setInterval(() => {
    void log.look();
    if (findPostmaster(cluster.path) === null) void startPostmaster(cluster, port).catch(() => {});
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

async function letGo(cluster: Cluster, hold: ServerHold): Promise<void> {
  if (!(await hold.release())) return;
  try {
    await stopPostmaster(cluster);
  } finally {
    await hold.end();
  }
}
