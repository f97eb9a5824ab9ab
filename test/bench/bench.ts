import { writeFile } from "node:fs/promises";

import { openEmbedded } from "../../src/store/embedded/open-embedded.ts";
import { databaseUrl, withAdmin } from "../harness/admin.ts";
import { type CheckedContender, checkContender, compare } from "./check.ts";
import type { Contender } from "./contenders.ts";
import { prepareDataset } from "./dataset.ts";
import { installPeers } from "./install.ts";
import { measure } from "./measure.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { parentOf } from "./process-figures.ts";
import { runProject } from "./project.ts";
import { describeRun, type Run, toRun } from "./report.ts";
import { readSamples } from "./samples.ts";

const say = (line: string) => void process.stderr.write(`${line}\n`);

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
    const runs: Run[] = [];
    for (const conversations of options.conversations) {
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
  if (named !== null) return { url: named, close: async () => {} };
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
  const postmaster = await withAdmin(url, async (admin) => {
    const [row] = await admin<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    return parentOf(row?.pid ?? 0);
  });
  say(`${conversations} conversations: all answers say the same; measuring`);
  const measured = await measure(checked, options, { url, postmaster }, interruption.signal);
  return toRun(conversations, options, checked, measured);
}
