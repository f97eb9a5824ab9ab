import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { insertConversations } from "../../src/store/write/conversation.ts";
import { importNew } from "../../src/store/write/import-new.ts";
import { ON_CITUS } from "../harness/citus.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let files: TestDatabase;
let database: Database;
beforeAll(async () => {
  files = await createDatabase();
  // One session: PostgreSQL plans the check of a foreign key once for each.
  database = connectTo(files.url, { poolSize: 1 });
});
afterAll(async () => {
  await database.close();
  await files.drop();
});

/** How often each index of conversations was read by now. */
async function countReads(): Promise<Map<string, number>> {
  await database.rows(sql`SELECT pg_stat_force_next_flush()`);
  const rows = await database.rows<{ name: string; reads: number }>(sql`
    SELECT indexrelname AS name, idx_scan::integer AS reads FROM pg_stat_user_indexes WHERE relname = 'conversations'`);
  return new Map(rows.map(({ name, reads }) => [name, reads]));
}

function makeBatch(name: string) {
  return Array.from({ length: 60 }, (_, index) => {
    const id = `${name} ${index}`;
    return conversation(id, { agent: { name: "shop", version: "1" }, turns: [turn(`${id} a`)] });
  });
}

test.skipIf(ON_CITUS)("foreign keys are checked by the primary key, however few rows there were at first", async () => {
  for (const [name, store] of [
    ["import", importNew],
    ["seed", insertConversations],
  ] as const) {
    await database.rows(sql`TRUNCATE conversations CASCADE`);
    // The indexes are still so small that one is as good as another.
    await store(database, "default", makeBatch(`${name} first`));
    await database.rows(sql`
      INSERT INTO conversations (project_id, id, created_at, agent_name, agent_version)
      SELECT 'default', ${name}::text || n, now(), 'agent ' || n, '1' FROM generate_series(1, 3000) AS n`);
    const before = await countReads();
    await store(database, "default", makeBatch(`${name} second`));
    const after = await countReads();
    const readers = [...after].filter(([index, reads]) => reads > (before.get(index) ?? 0)).map(([index]) => index);
    expect(readers).toEqual(["conversations_project_id_id_pk"]);
  }
});
