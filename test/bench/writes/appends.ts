import { withAdmin } from "../../harness/admin.ts";
import { type RunningContender, startContender } from "../contenders.ts";
import { type LoadGenerator, startLoadGenerator } from "../load.ts";
import { type Bench, makeScratch, type ScratchDatabase, type Table, walBytes } from "../part.ts";
import { clusterCpu, cpuOf } from "../process-figures.ts";
import { describeSpread, type Spread, spreadOf } from "../ratios.ts";
import { streamAnswer } from "./stream.ts";
import { WRITERS, type Writer } from "./writers.ts";

const SIZES = [0, 10_000, 100_000];

/** What appends cost while one round lasted, each. */
interface Figure {
  perSecond: number;
  cpuMs: number;
  walBytes: number;
}

interface Running extends RunningContender {
  writer: Writer;
}

/** Appends of a word to turns that have said little or much, and an answer that is appended word by word. */
export async function measureWrites(bench: Bench): Promise<Table[]> {
  const { rounds, poolSize } = bench.options;
  const database = await makeScratch(bench, "bench_writes");
  const generator = startLoadGenerator();
  const running: Running[] = [];
  try {
    for (const writer of WRITERS) {
      running.push({ writer, ...(await startContender(writer.contender, database.url, poolSize)) });
    }
    const rows: string[][] = [];
    for (const size of SIZES) {
      const figures = new Map<Writer, Figure[]>(WRITERS.map((writer) => [writer, []]));
      // The round before the first counts for nothing.
      for (let round = 0; round <= rounds; round += 1) {
        for (const one of running) {
          bench.signal.throwIfAborted();
          bench.say(`appends to ${size} bytes, round ${round} of ${rounds}: ${one.writer.contender.title}`);
          const figure = await measureOne(one, database, size, bench, generator);
          if (round > 0) figures.get(one.writer)?.push(figure);
        }
      }
      rows.push(...describe(size, [...figures.values()]));
    }
    const columns = WRITERS.map(({ contender }) => contender.title);
    return [
      {
        title: "Appends of 4 bytes, to a turn of so many",
        columns: [...columns, "this project's by the other's"],
        rows,
      },
      await streamAnswer(bench, database, running),
    ];
  } finally {
    generator.stop();
    await Promise.all(running.map(({ stop }) => stop()));
  }
}

async function measureOne(
  { writer, origin, pid }: Running,
  database: ScratchDatabase,
  size: number,
  { options: { connections, seconds } }: Bench,
  generator: LoadGenerator,
): Promise<Figure> {
  const requests = await writer.begin(origin, database, connections, size);
  const now = async () => ({
    cpu: cpuOf(pid) + clusterCpu(database.postmaster),
    wal: await walBytes(database.url),
    count: await countOf(database.url, writer),
  });
  const before = await now();
  const outcome = await generator.run({ origin, requests, connections, seconds });
  const after = await now();
  if (outcome.failed > 0 || after.count - before.count !== outcome.requests) {
    throw new Error(
      `${writer.contender.title}: ${outcome.requests} of ${after.count - before.count} appends were answered`,
    );
  }
  return {
    perSecond: outcome.requests / outcome.seconds,
    cpuMs: (after.cpu - before.cpu) / outcome.requests,
    walBytes: (after.wal - before.wal) / outcome.requests,
  };
}

function countOf(url: string, { count }: Writer): Promise<number> {
  return withAdmin(url, async (admin) => (await admin.unsafe<{ count: number }[]>(count))[0]?.count ?? 0);
}

const MEASURES: readonly [string, (figure: Figure) => number][] = [
  ["appends a second", ({ perSecond }) => perSecond],
  ["CPU of one, server and database, in ms", ({ cpuMs }) => cpuMs],
  ["WAL of one, in bytes", ({ walBytes: bytes }) => bytes],
];

function describe(size: number, byWriter: readonly Figure[][]): string[][] {
  return MEASURES.map(([name, pick]) => {
    const [others = [], own = []] = byWriter.map((figures) => figures.map(pick));
    const ratio: Spread = spreadOf(own.map((value, round) => value / (others[round] ?? Number.NaN)));
    return [`**${size}** ${name}`, ...[spreadOf(others), spreadOf(own), ratio].map(describeSpread)];
  });
}
