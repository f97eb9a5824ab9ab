import { writeFile } from "node:fs/promises";

import { openEmbedded } from "../../src/store/embedded/open-embedded.ts";
import { databaseUrl } from "../harness/admin.ts";
import { type CheckedContender, checkContender, compare } from "./check.ts";
import type { Contender } from "./contenders.ts";
import { prepareDataset } from "./dataset.ts";
import { measureDistributed } from "./distributed.ts";
import { measureImport } from "./import.ts";
import { installPeers } from "./install.ts";
import { measure } from "./measure.ts";
import { HELP, type Options, type PartName, readOptions } from "./options.ts";
import { type Bench, postmasterOf, type Table } from "./part.ts";
import { runProject } from "./project.ts";
import { describeRun, describeTable, type Run, toRun } from "./report.ts";
import { readSamples } from "./samples.ts";
import { measureSearch } from "./search.ts";
import { measureWatchers } from "./watchers/watchers.ts";
import { measureWorkers } from "./workers.ts";
import { measureWrites } from "./writes/appends.ts";

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** What is measured beside reads, each in tables of its own. */
const PARTS: Record<Exclude<PartName, "reads">, (bench: Bench) => Promise<Table[]>> = {
  writes: measureWrites,
  watchers: measureWatchers,
  search: measureSearch,
  import: measureImport,
  workers: measureWorkers,
  distributed: measureDistributed,
};

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // What was started is stopped first. A second signal ends the bench at once.
  process.once(signal, () => interruption.abort(new Error("interrupted")));
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 1;
});

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.platform !== "linux") throw new Error("CPU time and memory are read from /proc, which only Linux has.");
  const contenders = await installPeers(options.contenders, say);
  const cluster = await openCluster(options);
  try {
    const bench: Bench = { clusterUrl: cluster.url, options, signal: interruption.signal, say };
    for (const part of options.only) {
      if (part === "reads") continue;
      for (const table of await PARTS[part](bench)) process.stdout.write(`${describeTable(table)}\n`);
    }
    const runs: Run[] = [];
    for (const conversations of options.only.includes("reads") ? options.conversations : []) {
      const run = await runSize(cluster.url, conversations, contenders, options);
      process.stdout.write(`${describeRun(run)}\n`);
      runs.push(run);
      if (options.json !== null) await writeFile(options.json, `${JSON.stringify(runs, null, 2)}\n`);
    }
    return 0;
  } finally {
    await cluster.close();
  }
}

/** The PostgreSQL to measure on, as a superuser: one that lasts from run to run, or the one that was named. */
async function openCluster({ databaseUrl: named, dataDir }: Options): Promise<{ url: string; close(): Promise<void> }> {
  if (named !== null) return { url: named[0], close: async () => {} };
  const { url, close } = await openEmbedded(dataDir);
  return { url: databaseUrl(url, "postgres"), close };
}

async function runSize(
  clusterUrl: string,
  conversations: number,
  contenders: readonly Contender[],
  options: Options,
): Promise<Run> {
  const url = await prepareDataset(clusterUrl, conversations, say);
  const key = await runProject(["keys", "create", "--access", "project"], url);
  const samples = await readSamples(url, conversations);
  const checked: CheckedContender[] = [];
  for (const contender of contenders) {
    interruption.signal.throwIfAborted();
    say(`${conversations} conversations: checking ${contender.title}`);
    const source = { databaseUrl: url, poolSize: options.poolSize, key };
    checked.push(await checkContender(contender, options.queries, samples, source));
  }
  compare(options.queries, checked);
  const database = { url, postmasters: [await postmasterOf(url)] };
  say(`${conversations} conversations: all answers say the same; measuring`);
  const measurable = checked.map((one) => ({ ...one, database }));
  const measured = await measure(measurable, options, interruption.signal);
  return toRun(conversations, options, checked, measured);
}
