import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { importAll } from "../../src/commands/import-all.ts";
import type { IncomingRecord } from "../../src/commands/import-one.ts";
import { readImportSettings } from "../../src/commands/import-settings.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";
import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let files: TestDatabase;
let database: Database;
beforeAll(async () => {
  files = await createDatabase();
  database = connectTo(files.url);
});
afterAll(async () => {
  await database.close();
  await files.drop();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Imports the records with one call, and answers what it said of them. */
async function importRecords(records: readonly IncomingRecord[], project: string): Promise<string[]> {
  const said: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => said.push(String(line)) > 0);
  const settings = readImportSettings({ project });
  async function* all() {
    yield* records;
  }
  const source = { name: "", total: null, records: all(), notes: new ReadingNotes(settings) };
  const out = (line: string) => said.push(line);
  await importAll(source, { database, settings, signal: new AbortController().signal, out });
  return said;
}

async function stored(project: string): Promise<string[]> {
  const rows = await database.rows<{ line: string }>(sql`
    SELECT concat_ws(' ', h.conversation_id, h.turn_count, h.revision, t.position, t.revision, t.id, t.messages) AS line
    FROM conversation_heads h LEFT JOIN turns t ON t.project_id = ${project} AND t.conversation_id = h.conversation_id
    WHERE h.project_id = ${project} ORDER BY h.conversation_id, t.position`);
  return rows.map(({ line }) => line);
}

/** The numbers of a summary, added up; what else was said as it is. */
function addUp(said: readonly string[]): unknown[] {
  const sums = [0, 0, 0, 0];
  const rest = said.filter((line) => {
    const counts = /^imported (\d+) \D+ (\d+) \D+ (\d+) \D+(\d+)/.exec(line);
    for (const [index, count] of (counts?.slice(1) ?? []).entries()) sums[index] = (sums[index] ?? 0) + Number(count);
    return counts === null;
  });
  return [sums, ...rest];
}

/** A record for a place in a list, whose ids, one in so many, are those of any record's conversation or turns. */
const RECORD = fc
  .record({
    turnIds: fc.constantFrom<ConversationRecord["turnIds"]>("global", "local", "derived"),
    turns: fc.integer({ min: 0, max: 3 }),
    again: fc.integer({ min: 0, max: 60 }),
    other: fc.nat(300),
    words: fc.constantFrom("a", "b"),
  })
  .map(({ turnIds, turns, again, other, words }) => (index: number): IncomingRecord => {
    const id = [`c${other}`, `c${other} 0`][again] ?? `c${index}`;
    const turnId = (at: number) => (again === 2 ? `c${other + at}` : `c${again === 3 ? other : index} ${at}`);
    const list = Array.from({ length: turns }, (_, at) => turn(turnId(at), { text: words }));
    return { position: `[${index}]`, result: conversation(id, { turnIds, turns: list }), done: index };
  });

let runs = 0;
test("a list that is imported in batches leaves and says what its records do one after the other", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(RECORD, { minLength: 150, maxLength: 350, size: "max" }), async (drawn) => {
      const records = drawn.map((toRecord, index) => toRecord(index));
      const [together, apart] = [`together${++runs}`, `apart${runs}`];
      const said = await importRecords(records, together);
      const saidApart: string[] = [];
      for (const record of records) saidApart.push(...(await importRecords([record], apart)));
      expect(addUp(said)).toEqual(addUp(saidApart));
      expect(await stored(together)).toEqual(await stored(apart));
    }),
    { numRuns: 5, endOnFailure: true },
  );
});

test("new conversations cost a few statements together, and known ones among them change nothing of that", async () => {
  const records = Array.from({ length: 90 }, (_, index): IncomingRecord => {
    return { position: `${index}`, result: conversation(`s${index}`, { turns: [turn(`s${index} 0`)] }), done: index };
  });
  const transaction = vi.spyOn(database, "transaction");
  await importRecords(records.slice(0, 80), "counted");
  expect(transaction).toHaveBeenCalledTimes(1);
  transaction.mockClear();
  const said = await importRecords(records, "counted");
  expect(addUp(said)).toEqual([[10, 10, 10, 80]]);
  expect(transaction).toHaveBeenCalledTimes(1 + 80);
});
