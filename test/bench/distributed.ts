import { databaseUrl } from "../harness/admin.ts";
import { createCitusDatabase, onEach } from "../harness/citus.ts";
import { checkContender, compare } from "./check.ts";
import { type Contender, type RunningContender, startContender } from "./contenders.ts";
import { type LoadGenerator, startLoadGenerator } from "./load.ts";
import { type Measurable, measure } from "./measure.ts";
import { type Bench, postmasterOf, type Table } from "./part.ts";
import { clustersCpu, cpuOf } from "./process-figures.ts";
import { runProject } from "./project.ts";
import { describeSpread, ratioOf, spreadOf } from "./ratios.ts";
import { readSamples, type Samples } from "./samples.ts";
import { beginTurn, PROJECT, toAppend } from "./writes/writers.ts";

type Nodes = readonly [coordinator: string, ...workers: string[]];

/** One database, with a key for it. */
interface Side {
  contender: Contender;
  url: string;
  key: string;
  postmasters: readonly number[];
}

const PLAIN = { ...PROJECT, name: "plain", title: "plain PostgreSQL" };
const DISTRIBUTED = { ...PROJECT, name: "distributed", title: "the distributed one" };
// What has been said in a turn that words are appended to.
const BYTES_SO_FAR = 10_000;

/**
 * This project on a plain database and on a distributed one of the same PostgreSQL: the same conversations, questions and
 * appends, in turns. All of it is on one machine, so that it shows what the distribution costs, and not what more machines bring.
 */
export async function measureDistributed(bench: Bench): Promise<Table[]> {
  const nodes = bench.options.databaseUrl ?? [""];
  if (nodes.length < 2) {
    throw new Error("--only distributed: name a PostgreSQL with Citus and its workers, --database-url URL,URL,…");
  }
  const tables: Table[] = [];
  for (const count of bench.options.conversations) {
    bench.signal.throwIfAborted();
    tables.push(await measureSize(bench, nodes, count));
  }
  return tables;
}

async function measureSize(bench: Bench, nodes: Nodes, count: number): Promise<Table> {
  const names = { plain: `bench_plain_${count}`, distributed: `bench_distributed_${count}` };
  const drop = async () => {
    for (const name of Object.values(names)) await onEach(nodes, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  await drop();
  try {
    await onEach([nodes[0]], `CREATE DATABASE ${names.plain} TEMPLATE template0`);
    await createCitusDatabase(nodes, names.distributed);
    const plain = await fill(bench, PLAIN, names.plain, [nodes[0]], count);
    const distributed = await fill(bench, DISTRIBUTED, names.distributed, nodes, count);
    const sides = [plain, distributed];
    return {
      title: `Distributed by project over ${nodes.length} PostgreSQL of one machine: so many times that of plain PostgreSQL, ${count} conversations`,
      columns: ["throughput", "CPU of a request, server and databases"],
      rows: [
        ...(await compareReads(bench, sides, await readSamples(plain.url, count))),
        await compareAppends(bench, sides),
      ],
    };
  } finally {
    await drop();
  }
}

async function fill({ say }: Bench, contender: Contender, name: string, nodes: Nodes, count: number): Promise<Side> {
  const url = databaseUrl(nodes[0], name);
  say(`seeding ${count} conversations: ${contender.title}`);
  await runProject(["migrate"], url);
  if (nodes.length > 1) await runProject(["distribute", "--yes"], url);
  await runProject(["seed", "--conversations", String(count)], url);
  await onEach([url], "VACUUM (ANALYZE)");
  const key = await runProject(["keys", "create", "--access", "project"], url);
  return { contender, url, key, postmasters: await Promise.all(nodes.map(postmasterOf)) };
}

async function compareReads(
  { options, signal, say }: Bench,
  sides: readonly Side[],
  samples: Samples,
): Promise<string[][]> {
  const checked: Measurable[] = [];
  for (const { contender, url, key, postmasters } of sides) {
    say(`checking ${contender.title}`);
    const source = { databaseUrl: url, poolSize: options.poolSize, key };
    const found = await checkContender(contender, options.queries, samples, source);
    checked.push({ ...found, database: { url, postmasters } });
  }
  compare(options.queries, checked);
  say("all answers say the same; measuring");
  const { figures } = await measure(checked, options, signal);
  return options.queries.map(({ name, title }) => {
    const { throughput, cpu } = ratioOf(figures, name, DISTRIBUTED.name, PLAIN.name);
    return [`**${name}** ${title}`, describeSpread(throughput), describeSpread(cpu)];
  });
}

/** Appends of a word by as many callers as there are connections, each to a turn of its own. */
async function compareAppends(bench: Bench, sides: readonly Side[]): Promise<string[]> {
  const { rounds, poolSize } = bench.options;
  const generator = startLoadGenerator();
  const running: (Side & RunningContender)[] = [];
  try {
    for (const side of sides) running.push({ ...side, ...(await startContender(side.contender, side.url, poolSize)) });
    const throughput: number[] = [];
    const cpu: number[] = [];
    // The round before the first counts for nothing.
    for (let round = 0; round <= rounds; round += 1) {
      bench.signal.throwIfAborted();
      bench.say(`appends, round ${round} of ${rounds}`);
      const figures: AppendFigure[] = [];
      for (const one of running) figures.push(await measureAppends(bench, one, generator));
      const [plain, distributed] = figures;
      if (round === 0 || plain === undefined || distributed === undefined) continue;
      throughput.push(distributed.perSecond / plain.perSecond);
      cpu.push(distributed.cpuMs / plain.cpuMs);
    }
    const cells = [throughput, cpu].map((ratios) => describeSpread(spreadOf(ratios)));
    return [`**append** of a word to a turn of ${BYTES_SO_FAR} bytes`, ...cells];
  } finally {
    generator.stop();
    await Promise.all(running.map(({ stop }) => stop()));
  }
}

interface AppendFigure {
  perSecond: number;
  cpuMs: number;
}

async function measureAppends(
  { options: { connections, seconds } }: Bench,
  { origin, pid, key, postmasters }: Side & RunningContender,
  generator: LoadGenerator,
): Promise<AppendFigure> {
  const turns = Array.from({ length: connections }, () => beginTurn(origin, key, BYTES_SO_FAR));
  const requests = (await Promise.all(turns)).map(([, turn]) => toAppend(turn, key));
  const cpu = () => cpuOf(pid) + clustersCpu(postmasters);
  const before = cpu();
  const outcome = await generator.run({ origin, requests, connections, seconds });
  if (outcome.failed > 0) throw new Error(`${outcome.failed} appends failed.`);
  return { perSecond: outcome.requests / outcome.seconds, cpuMs: (cpu() - before) / outcome.requests };
}
