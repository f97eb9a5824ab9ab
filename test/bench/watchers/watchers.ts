import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { type Contender, type RunningContender, startContender } from "../contenders.ts";
import { type Bench, makeScratch, type ScratchDatabase, type Table } from "../part.ts";
import { clusterCpu, cpuOf } from "../process-figures.ts";
import { describeSpread, spreadOf } from "../ratios.ts";
import type { BenchRequest } from "../requests.ts";
import { beginTurn, PROJECT, toAppend } from "../writes/writers.ts";

const PROGRAM = fileURLToPath(new URL("load.ts", import.meta.url));
const WATCHERS = [1, 100, 400];
const BYTES_SO_FAR = 100_000;
const APPENDS_PER_SECOND = 50;
const DOCUMENT = `subscription ($id: ID!) {
  turnChanged(conversationId: $id) { appended { text offset fragment } turn { revision } } }`;

/** Watchers of one turn, to which text is appended. */
export interface WatchLoad {
  origin: string;
  watch: { path: string; headers: Record<string, string> };
  watchers: number;
  append: BenchRequest;
  seconds: number;
  perSecond: number;
}

/** What the watchers got, all together. */
export interface Watched {
  appends: number;
  events: number;
  bytes: number;
  /** Until the last event. */
  seconds: number;
}

const FAN_OUT: Contender = {
  name: "fan-out-floor",
  title: "ready bytes through node:http",
  dialect: "floor",
  command: ["test/bench/floor/fan-out-server.ts"],
  package: null,
};

interface Running extends RunningContender {
  contender: Contender;
}

/** What one round cost. */
interface Figure extends Watched {
  serverMs: number;
  databaseMs: number;
}

/** A turn of 100 KB that is appended to 50 times a second, before the eyes of few and many. */
export async function measureWatchers(bench: Bench): Promise<Table[]> {
  const { rounds, poolSize } = bench.options;
  const database = await makeScratch(bench, "bench_watchers");
  const running: Running[] = [];
  try {
    for (const contender of [FAN_OUT, PROJECT]) {
      running.push({ contender, ...(await startContender(contender, database.url, poolSize)) });
    }
    const figures = new Map<string, Figure[]>();
    // The round before the first counts for nothing.
    for (let round = 0; round <= rounds; round += 1) {
      for (const watchers of WATCHERS) {
        for (const one of running) {
          bench.signal.throwIfAborted();
          const name = nameOf(watchers, one);
          bench.say(`round ${round} of ${rounds}: ${name}`);
          const figure = await measureOne(bench, database, one, watchers);
          if (round > 0) figures.set(name, [...(figures.get(name) ?? []), figure]);
        }
      }
    }
    const rows = running.flatMap((one) => {
      const alone = figures.get(nameOf(1, one)) ?? [];
      return WATCHERS.map((watchers) => {
        const name = nameOf(watchers, one);
        return [name, ...describe(figures.get(name) ?? [], alone, watchers)];
      });
    });
    const title = `Watchers of a turn of ${BYTES_SO_FAR} bytes, ${APPENDS_PER_SECOND} appends a second`;
    return [{ title, columns: COLUMNS, rows }];
  } finally {
    await Promise.all(running.map(({ stop }) => stop()));
  }
}

const nameOf = (watchers: number, { contender }: Running) => `**${watchers}** ${contender.title}`;

const COLUMNS = [
  "appends a second",
  "events of an append and watcher",
  "bytes of a token and watcher",
  "CPU of an event, server, in µs",
  "database",
  "server, of a further watcher's event",
];

function describe(figures: readonly Figure[], alone: readonly Figure[], watchers: number): string[] {
  const column = (value: (figure: Figure, round: number) => number) => describeSpread(spreadOf(figures.map(value)));
  const perAppend = ({ serverMs, appends }: Figure) => (1000 * serverMs) / appends;
  return [
    column(({ appends, seconds }) => appends / seconds),
    column(({ events, appends }) => events / appends / watchers),
    column(({ bytes, appends }) => bytes / appends / watchers),
    column(({ serverMs, events }) => (1000 * serverMs) / events),
    column(({ databaseMs, events }) => (1000 * databaseMs) / events),
    watchers === 1
      ? ""
      : column((figure, round) => {
          const [one] = alone.slice(round);
          const further = figure.events / figure.appends - 1;
          return (perAppend(figure) - (one === undefined ? Number.NaN : perAppend(one))) / further;
        }),
  ];
}

async function measureOne(
  { options: { seconds } }: Bench,
  database: ScratchDatabase,
  { contender, origin, pid }: Running,
  watchers: number,
): Promise<Figure> {
  const child = fork(PROGRAM, { env: { PATH: process.env.PATH } });
  try {
    const [id, turn] = contender === PROJECT ? await beginTurn(origin, database.key, BYTES_SO_FAR) : ["", ""];
    const asked = new URLSearchParams({ query: DOCUMENT, variables: JSON.stringify({ id }) });
    const headers = { accept: "text/event-stream", authorization: `Bearer ${database.key}` };
    const watch = { path: `/graphql?${asked}`, headers };
    const append = toAppend(turn, database.key);
    const load: WatchLoad = { origin, watch, watchers, append, seconds, perSecond: APPENDS_PER_SECOND };
    child.send(load);
    const ended = failure(once(child, "exit"));
    // It ends with the measurement, when nothing waits for it.
    ended.catch(() => {});
    await Promise.race([once(child, "message"), ended]);
    const [server, cluster] = [cpuOf(pid), clusterCpu(database.postmaster)];
    const message: Promise<Watched[]> = once(child, "message");
    const [watched] = await Promise.race([message, ended]);
    if (watched === undefined) throw new Error("The watchers' process sent nothing.");
    return {
      ...watched,
      serverMs: cpuOf(pid) - server,
      databaseMs: clusterCpu(database.postmaster) - cluster,
    };
  } finally {
    child.kill();
  }
}

async function failure(ended: Promise<unknown>): Promise<never> {
  await ended;
  throw new Error("The watchers' process ended.");
}
