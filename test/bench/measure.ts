import { SingleBar } from "cli-progress";

import type { CheckedContender } from "./check.ts";
import { type RunningContender, startContender } from "./contenders.ts";
import { type LoadGenerator, startLoadGenerator } from "./load.ts";
import type { Options } from "./options.ts";
import { clustersCpu, cpuOf, peakMemory } from "./process-figures.ts";
import type { Query } from "./queries.ts";

/** What one contender did with one query in one round. */
export interface Figure {
  contender: string;
  query: string;
  round: number;
  /** Requests that were refused or broke: they count nowhere else. */
  failed: number;
  requestsPerSecond: number;
  /** CPU time of a request in ms: the server's, and its database's. */
  serverCpu: number;
  databaseCpu: number;
}

export interface Measured {
  figures: Figure[];
  /** The most memory that each contender's server held, in MB. */
  memory: Map<string, number>;
}

/** A contender, and the database that it answers from. */
export type Measurable = CheckedContender & {
  database: {
    url: string;
    /** The processes that all of the database's processes are children of: one for each machine that keeps a part of it. */
    postmasters: readonly number[];
  };
};

type Running = Measurable & RunningContender;

/** The round that counts for nothing. */
const WARM_UP = 0;

/**
 * Starts all contenders, warms each up with each query, and measures them in rounds: for each query one contender after
 * the other, so that what the machine does beside it falls on all of them alike.
 */
export async function measure(
  checked: readonly Measurable[],
  { queries, rounds, seconds, warmUp, connections, poolSize }: Options,
  signal: AbortSignal,
): Promise<Measured> {
  const progress = new SingleBar({
    format: "{bar} {percentage}% | {step}",
    stream: process.stderr,
    clearOnComplete: true,
  });
  const generator = startLoadGenerator();
  const running: Running[] = [];
  try {
    for (const one of checked) {
      running.push({ ...one, ...(await startContender(one.contender, one.database.url, poolSize)) });
    }
    const figures: Figure[] = [];
    const steps = Array.from({ length: rounds + 1 }, (_, round) =>
      queries.flatMap((query) => rotated(running, round).map((one) => ({ round, query, one }))),
    ).flat();
    progress.start(steps.length, 0, { step: "" });
    for (const { round, query, one } of steps) {
      signal.throwIfAborted();
      const stage = round === WARM_UP ? "warming up" : `round ${round} of ${rounds}`;
      progress.increment(1, { step: `${stage}: ${query.name}, ${one.contender.title}` });
      const load = { connections, seconds: round === WARM_UP ? warmUp : seconds };
      const figure = await measureOne(one, query, round, load, generator);
      if (round !== WARM_UP) figures.push(figure);
    }
    return { figures, memory: new Map(running.map(({ contender, pid }) => [contender.name, peakMemory(pid)])) };
  } finally {
    progress.stop();
    generator.stop();
    await Promise.all(running.map(({ stop }) => stop()));
  }
}

async function measureOne(
  { contender, byQuery, origin, pid, database }: Running,
  query: Query,
  round: number,
  load: { connections: number; seconds: number },
  generator: LoadGenerator,
): Promise<Figure> {
  const requests = byQuery.get(query.name)?.requests ?? [];
  const cpu = () => ({ server: cpuOf(pid), database: clustersCpu(database.postmasters) });
  const before = cpu();
  const outcome = await generator.run({ origin, requests, ...load });
  const after = cpu();
  return {
    contender: contender.name,
    query: query.name,
    round,
    failed: outcome.failed,
    requestsPerSecond: outcome.requests / outcome.seconds,
    serverCpu: (after.server - before.server) / outcome.requests,
    databaseCpu: (after.database - before.database) / outcome.requests,
  };
}

/** Another one begins in each round: a contender after a heavy one finds the machine as that left it. */
function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
