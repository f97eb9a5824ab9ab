import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import type { Executor } from "../../src/store/database/executor.ts";
import { updateTurn } from "../../src/store/write/update-turn.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { whileLocked } from "../harness/locks.ts";

let files: TestDatabase;
let database: Database;
beforeAll(async () => {
  files = await createDatabase();
  database = connectTo(files.url, { poolSize: 2, lockTimeoutMs: 5000 });
  const open = turn("open", { role: "assistant", state: "in-progress", messages: [] });
  await store(database, [conversation("c", { turns: [open] })]);
});
afterAll(async () => {
  await database.close();
  await files.drop();
});

const SCOPE = { projectId: "default", isolationKey: null };

/** Appends the text; resolves to the number of statements, those of the transaction included, and the turn's revision. */
async function appendText(text: string): Promise<[statements: number, revision: number]> {
  let statements = 0;
  const counting = ({ rows, read }: Executor): Executor => ({
    rows: (statement) => {
      statements += 1;
      return rows(statement);
    },
    read,
  });
  const counted: Database = {
    ...database,
    ...counting(database),
    writeInBatch: (name, item, write) =>
      database.writeInBatch(name, item, (executor, items) => write(counting({ ...database, ...executor }), items)),
    transaction: (work) => database.transaction((transaction) => work(counting(transaction))),
  };
  const change = { messages: null, appendMessages: null, state: null, errorDetail: null, expectedRevision: null };
  const { revision } = await updateTurn(
    counted,
    SCOPE,
    "open",
    { ...change, appendText: text },
    { withMessages: false },
  );
  return [statements, revision];
}

test("text asks the statement of chunks a second time only where another writer came in between", async () => {
  // The chunk's, and in the transaction: the lock, the chunk's turn, the turn, the revision, its change, its first chunk.
  expect(await appendText("first")).toEqual([7, 2]);
  expect(await appendText(" second")).toEqual([1, 3]);
  const grows = sql`UPDATE conversation_heads SET revision = revision + 1 WHERE conversation_id = 'c'`;
  // The chunk's, and under the lock: the turn, the revision, the chunk.
  expect(await whileLocked(database, grows, () => appendText(" third"))).toEqual([5, 5]);
  const [read] = await database.rows<{ text: string }>(
    sql`SELECT string_agg(json_text, '' ORDER BY revision) AS text FROM turn_chunks WHERE turn_id = 'open'`,
  );
  expect(read?.text).toBe("first second third");
});
