import type { RunningContender } from "../contenders.ts";
import { type Bench, type ScratchDatabase, type Table, walBytes } from "../part.ts";
import { clusterCpu, cpuOf } from "../process-figures.ts";
import { TOKEN, type Writer } from "./writers.ts";

/** An answer that one caller appends word by word: what all of it costs. */
export async function streamAnswer(
  { options: { stream }, say, signal }: Bench,
  database: ScratchDatabase,
  running: readonly (RunningContender & { writer: Writer })[],
): Promise<Table> {
  const rows: string[][] = [];
  for (const { writer, origin, pid } of running) {
    say(`an answer of ${stream} bytes: ${writer.contender.title}`);
    const [request] = await writer.begin(origin, database, 1, 0);
    if (request === undefined) throw new Error("There is no turn to append to.");
    const { path, method, headers, body = null } = request;
    const before = { wal: await walBytes(database.url), cpu: cpuOf(pid) + clusterCpu(database.postmaster) };
    for (let said = 0; said < stream; said += TOKEN.length) {
      signal.throwIfAborted();
      const answer = await fetch(origin + path, { method, headers, body });
      const text = await answer.text();
      if (answer.status !== 200 || text.includes('"errors"')) throw new Error(`${writer.contender.title}: ${text}`);
    }
    const wal = (await walBytes(database.url)) - before.wal;
    const cpu = cpuOf(pid) + clusterCpu(database.postmaster) - before.cpu;
    rows.push([writer.contender.title, (wal / 1e6).toFixed(1), (cpu / 1000).toFixed(1)]);
  }
  return { title: `An answer of ${stream} bytes, 4 at a time`, columns: ["WAL in MB", "CPU in s"], rows };
}
