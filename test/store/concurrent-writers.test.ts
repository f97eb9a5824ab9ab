import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { brokenRules } from "../harness/broken-rules.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { take, writers } from "./writer-steps.ts";

let server: TestServer;
let twin: Twin;
beforeAll(async () => {
  server = await startTestServer();
  twin = await startTwin(server);
});
afterAll(async () => {
  await twin.close();
  await server.close();
});

/** The ids that neither a conversation has nor a deleted one had. */
async function forgotten(ids: ReadonlySet<string>): Promise<string[]> {
  const rows = await server.database.rows<{ id: string }>(sql`
    SELECT id FROM conversations WHERE project_id = 'default'
    UNION ALL SELECT conversation_id FROM deleted_conversations WHERE project_id = 'default'`);
  const known = new Set(rows.map(({ id }) => id));
  return [...ids].filter((id) => !known.has(id));
}

test("whatever writers of every kind do at the same time, counts, ids, heads, replies and deleted rows are right", async () => {
  const { database } = server;
  const ids = new Set<string>();
  const stored = (id: string) => void ids.add(id);
  await fc.assert(
    fc.asyncProperty(writers, async (writers) => {
      await Promise.all(
        writers.map(async (steps, index) => {
          const through = index % 2 === 0 ? server : twin;
          for (const step of steps) await take(step, { through, database, stored });
        }),
      );
      expect(await brokenRules(database)).toEqual([]);
      expect(await forgotten(ids)).toEqual([]);
    }),
    // What the writers met cannot be met again: a search for fewer steps would only run into the time limit.
    { numRuns: 16, endOnFailure: true },
  );
});
