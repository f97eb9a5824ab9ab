import { startContender } from "./contenders.ts";
import { startLoadGenerator } from "./load.ts";
import { type Bench, makeScratch, type Table } from "./part.ts";
import { describeSpread, spreadOf } from "./ratios.ts";
import type { CheckedRequest } from "./requests.ts";
import { PROJECT } from "./writes/writers.ts";

const COUNTS = [1, 2];

// Milliseconds of the server's processor time for an answer, and no statement: the load takes little of the cores.
const DOCUMENT =
  "{ __schema { types { name description fields { name args { name type { name } } type { name } } } } }";

/** Requests that need no database, of a server with one worker and one with two, by turns. */
export async function measureWorkers(bench: Bench): Promise<Table[]> {
  const { options, signal, say } = bench;
  const { url, key } = await makeScratch(bench, "bench_workers");
  const servers = await Promise.all(
    COUNTS.map((count) => startContender(PROJECT, url, options.poolSize, { WORKERS: String(count) })),
  );
  const load = startLoadGenerator();
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const body = JSON.stringify({ query: DOCUMENT });
  const requests: CheckedRequest[] = [{ method: "POST", path: "/graphql", headers, body, bytes: null }];
  const answered: number[][] = COUNTS.map(() => []);
  try {
    for (let round = -1; round < options.rounds; round += 1) {
      for (const [place, { origin }] of servers.entries()) {
        signal.throwIfAborted();
        say(`workers: ${COUNTS[place]}, round ${round + 1}`);
        const { connections, seconds } = options;
        const outcome = await load.run({ origin, requests, connections, seconds });
        if (outcome.failed > 0) throw new Error(`${outcome.failed} requests failed`);
        // The first round warms up.
        if (round >= 0) answered[place]?.push(outcome.requests / outcome.seconds);
      }
    }
  } finally {
    load.stop();
    await Promise.all(servers.map(({ stop }) => stop()));
  }
  const [one = [], two = []] = answered;
  const ratios = two.map((rate, round) => rate / (one[round] ?? Number.NaN));
  return [
    {
      title: "Answers that need no database: median of the rounds (minimum to maximum)",
      columns: ["requests a second", "times one worker's"],
      rows: [
        ["1 worker", describeSpread(spreadOf(one)), ""],
        ["2 workers", describeSpread(spreadOf(two)), describeSpread(spreadOf(ratios))],
      ],
    },
  ];
}
