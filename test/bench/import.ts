import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type postgres from "postgres";

import { withAdmin } from "../harness/admin.ts";
import { prepareDataset } from "./dataset.ts";
import { type Bench, makeScratch, type Table } from "./part.ts";
import { runProject } from "./project.ts";
import { describeSpread, spreadOf } from "./ratios.ts";

// What triggers fill comes of the others, as it does when the project writes.
const TABLES = ["conversations", "conversation_heads", "turns"];

/** `import` of a file with the first size's conversations, and COPY of the very rows that it stored into the same tables. */
export async function measureImport(bench: Bench): Promise<Table[]> {
  const [conversations = 0] = bench.options.conversations;
  const folder = await mkdtemp(join(tmpdir(), "conversation-graph-import-"));
  const figures: { imported: number; copied: number }[] = [];
  try {
    const file = join(folder, "conversations.jsonl");
    await runProject(["export", "--out", file], await prepareDataset(bench.clusterUrl, conversations, bench.say));
    for (let round = 1; round <= bench.options.rounds; round += 1) {
      bench.signal.throwIfAborted();
      bench.say(`import of ${conversations} conversations, round ${round} of ${bench.options.rounds}`);
      const { url } = await makeScratch(bench, "bench_import");
      const imported = await perSecond(conversations, () => runProject(["import", file], url));
      bench.say(`COPY of the same, round ${round} of ${bench.options.rounds}`);
      const copied = await withAdmin(url, (admin) => copyAgain(admin, conversations));
      figures.push({ imported, copied });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const cells = [
    figures.map(({ copied }) => copied),
    figures.map(({ imported }) => imported),
    figures.map(({ imported, copied }) => imported / copied),
  ].map((values) => describeSpread(spreadOf(values)));
  return [
    {
      title: `${conversations} conversations into empty tables with their constraints, triggers and indexes`,
      columns: ["COPY", "this project's `import`", "this project's by COPY"],
      rows: [["conversations a second", ...cells]],
    },
  ];
}

/** Empties the tables and copies their rows into them again; answers the conversations a second. */
async function copyAgain(admin: postgres.Sql, conversations: number): Promise<number> {
  for (const table of TABLES) await admin.unsafe(`CREATE UNLOGGED TABLE kept_${table} AS TABLE ${table}`);
  const rows = new Map<string, Buffer>();
  for (const table of TABLES) {
    const pieces: Buffer[] = [];
    for await (const piece of await admin.unsafe(`COPY (TABLE kept_${table}) TO STDOUT`).readable()) pieces.push(piece);
    rows.set(table, Buffer.concat(pieces));
  }
  await admin.unsafe(`TRUNCATE ${TABLES.join(", ")} CASCADE`);
  // An autovacuum within the COPY finds no row that is committed. The foreign keys are then planned for an empty table, through an
  // index that takes several times as long: neither is what COPY costs.
  for (const table of TABLES) await admin.unsafe(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
  return perSecond(conversations, () =>
    admin.begin(async (transaction) => {
      for (const [table, bytes] of rows) {
        const target = await transaction.unsafe(`COPY ${table} FROM STDIN`).writable();
        await new Promise<void>((resolve, reject) => {
          target.once("error", reject).once("finish", resolve).end(bytes);
        });
      }
    }),
  );
}

async function perSecond(count: number, work: () => PromiseLike<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (count * 1000) / (performance.now() - startedAt);
}
