import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { type Contender, startContender } from "../contenders.ts";
import { type Bench, makeScratch, type ScratchDatabase, type Table } from "../part.ts";
import { clusterCpu, cpuOf } from "../process-figures.ts";
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

/** A turn of 100 KB that is appended to 50 times a second, before the eyes of few and many. */
export async function measureWatchers(bench: Bench): Promise<Table[]> {
  const database = await makeScratch(bench, "bench_watchers");
  const rows: string[][] = [];
  for (const contender of [FAN_OUT, PROJECT]) {
    for (const watchers of WATCHERS) {
      bench.signal.throwIfAborted();
      bench.say(`${watchers} watchers: ${contender.title}`);
      rows.push([`**${watchers}** ${contender.title}`, ...(await measureOne(bench, database, contender, watchers))]);
    }
  }
  const columns = [
    "appends a second",
    "events a second",
    "events of an append and watcher",
    "bytes of a token and watcher",
    "CPU of an event, server and database, in µs",
  ];
  return [
    { title: `Watchers of a turn of ${BYTES_SO_FAR} bytes, ${APPENDS_PER_SECOND} appends a second`, columns, rows },
  ];
}

async function measureOne(
  { options: { seconds, poolSize } }: Bench,
  database: ScratchDatabase,
  contender: Contender,
  watchers: number,
): Promise<string[]> {
  const { origin, pid, stop } = await startContender(contender, database.url, poolSize);
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
    const cpu = () => cpuOf(pid) + clusterCpu(database.postmaster);
    const before = cpu();
    const message: Promise<Watched[]> = once(child, "message");
    const [watched] = await Promise.race([message, ended]);
    if (watched === undefined) throw new Error("The watchers' process sent nothing.");
    const used = cpu() - before;
    const tokens = watched.appends * watchers;
    return [
      (watched.appends / watched.seconds).toFixed(0),
      (watched.events / watched.seconds).toFixed(0),
      (watched.events / tokens).toFixed(2),
      (watched.bytes / tokens).toFixed(0),
      ((1000 * used) / watched.events).toFixed(0),
    ];
  } finally {
    child.kill();
    await stop();
  }
}

async function failure(ended: Promise<unknown>): Promise<never> {
  await ended;
  throw new Error("The watchers' process ended.");
}
