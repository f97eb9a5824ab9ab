import { sql } from "drizzle-orm";
import { expect, test } from "vitest";

import { connectTo } from "../harness/connect.ts";
import { createDatabase } from "../harness/database.ts";

test("tables that grow with conversations are vacuumed and analyzed after a hundredth of their rows", async () => {
  const { url, drop } = await createDatabase();
  const database = connectTo(url);
  const tables = await database.rows<{ name: string; options: string[] }>(sql`
    SELECT relname AS name, reloptions AS options FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL ORDER BY relname`);
  expect(tables.map(({ name }) => name)).toEqual([
    "conversation_counts",
    "conversation_heads",
    "conversations",
    "items",
    "turn_chunks",
    "turns",
  ]);
  for (const { options } of tables) {
    expect(options).toContain("autovacuum_vacuum_scale_factor=0.01");
    expect(options).toContain("autovacuum_analyze_scale_factor=0.01");
  }
  await database.close();
  await drop();
});
