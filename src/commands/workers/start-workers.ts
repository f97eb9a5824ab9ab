import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";

import type { Logger } from "../../log.ts";
import type { RunningServer } from "../../server/server.ts";
import { askAll } from "./ask-all.ts";
import { openMetricsOfAll } from "./metrics-of-all.ts";
import { createPeer, type Peer } from "./peer.ts";
import type { AskedOfPrimary, AskedOfWorker, Joined } from "./topics.ts";

interface WorkersOptions {
  count: number;
  joined: Joined;
  /** Whether the workers count for METRICS. */
  hasMetrics: boolean;
  log: Logger;
  /** Aborted when no worker is to be started any more. */
  signal: AbortSignal;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** A worker that lived for so long has not ended because of what all of them do as they start. */
const STEADY_MS = 10_000;

/** A worker has as long to end by itself as a server of one process has. */
const KILL_AFTER_MS = 10_000;

/**
 * Starts the workers. Each that ends is started again, after pauses that grow. Resolves once all of them take requests; to null
 * where the signal comes before. Rejects with the reason of the first that ends before all of them do; none is left then.
 */
export async function startWorkers(options: WorkersOptions): Promise<RunningServer | null> {
  const { count, signal } = options;
  // Keeps numbers of metrics that JSON has no word for.
  cluster.setupPrimary({ serialization: "advanced" });
  const workers = await keepWorkers(options);
  const stopped = signal.aborted ? Promise.resolve(null) : once(signal, "abort").then(() => null);
  try {
    for (let started = 0; started < count; started += 1) workers.start();
    const url = await Promise.race([workers.listening, stopped]);
    if (url === null) await stopWorkers();
    return url === null ? null : { url, close: stopWorkers };
  } catch (error) {
    await stopWorkers();
    throw error;
  }
}

interface KeptWorkers {
  /** Starts one more. */
  start(): void;
  /** Resolves to the URL once all of them listen; rejects when one ends before. */
  listening: Promise<string>;
}

async function keepWorkers({ count, joined, hasMetrics, log, signal }: WorkersOptions): Promise<KeptWorkers> {
  const listening = new Map<Worker, Peer<AskedOfWorker>>();
  const metrics = hasMetrics ? await openMetricsOfAll(listening) : null;
  const all = Promise.withResolvers<string>();
  let isUp = false;
  let pauseMs = FIRST_PAUSE_MS;

  const startAgain = (livedMs: number) => {
    pauseMs = livedMs > STEADY_MS ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    setTimeout(start, pauseMs).unref();
  };
  function start(): void {
    if (signal.aborted) return;
    // By number: in the new process `auto` could be another one.
    const worker = cluster.fork({ WORKERS: String(count) });
    const startedAt = performance.now();
    const ownLog = log.child({ worker: worker.process.pid });
    const peer = createPeer<AskedOfPrimary, AskedOfWorker>(worker, {
      join: async () => joined,
      async listening(url) {
        listening.set(worker, peer);
        if (isUp) ownLog.info({ url }, "a worker listens again");
        isUp ||= listening.size === count;
        if (isUp) all.resolve(url);
        return null;
      },
      async failed(reason) {
        if (isUp) ownLog.error({ reason }, "a worker could not go on");
        all.reject(new Error(reason));
        return null;
      },
      metrics: async () => (await metrics?.read()) ?? "",
      async spread(news) {
        await askAll(listening, "take", news, worker);
        return null;
      },
    });
    worker.once("exit", (status, signalName) => {
      listening.delete(worker);
      metrics?.end(worker);
      if (isUp && !signal.aborted) {
        ownLog.error({ status, signal: signalName }, "a worker ended, and is started again");
        startAgain(performance.now() - startedAt);
      }
      all.reject(new Error(`A worker ended with ${signalName ?? `status ${status}`} before it took requests.`));
    });
  }
  return { start, listening: all.promise };
}

/** Has every worker end in order, and ends those that do not. Resolves when none is left. */
async function stopWorkers(): Promise<void> {
  const running = Object.values(cluster.workers ?? {}).flatMap((worker) =>
    worker?.isDead() === false ? [worker] : [],
  );
  const ended = Promise.all(running.map((worker) => once(worker, "exit")));
  for (const worker of running) worker.process.kill("SIGTERM");
  const timer = setTimeout(() => {
    for (const worker of running) worker.process.kill("SIGKILL");
  }, KILL_AFTER_MS);
  await ended;
  clearTimeout(timer);
}
