import type { Worker } from "node:cluster";
import { setTimeout as delay } from "node:timers/promises";

import type { Peer } from "./peer.ts";
import type { AskedOfWorker } from "./topics.ts";

/** The workers that take requests now. */
export type ListeningWorkers = ReadonlyMap<Worker, Peer<AskedOfWorker>>;

/** Nothing waits longer for a worker that is busy. */
const ANSWER_MS = 1000;

/** The answer of each of the workers but `except`; null of one that is gone, or did not answer within a second. */
export function askAll<Topic extends keyof AskedOfWorker>(
  workers: ListeningWorkers,
  topic: Topic,
  question: AskedOfWorker[Topic][0],
  except?: Worker,
): Promise<(readonly [Worker, AskedOfWorker[Topic][1] | null])[]> {
  const asked = Array.from(workers).filter(([worker]) => worker !== except);
  return Promise.all(
    asked.map(async ([worker, peer]) => {
      const answer = peer.ask(topic, question).catch(() => null);
      return [worker, await Promise.race([answer, delay(ANSWER_MS, null, { ref: false })])] as const;
    }),
  );
}
