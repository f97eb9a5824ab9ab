import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { type ItemsPage, readItems } from "../../src/store/read/items.ts";
import type { Scope } from "../../src/store/sql/scope.ts";
import { conversation, store } from "../harness/conversations.ts";
import { describeOnOneMachine } from "../harness/one-machine.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { plansOf, rowsTouched } from "./plans.ts";

const SCOPE: Scope = { projectId: "default", isolationKey: null };
const ITEMS = 100_000;
const PER_TURN = 100;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ STATEMENT_TIMEOUT_MS: "60000" });
  const { database } = server;
  await store(
    database,
    ["items", "mixed", "other"].map((id) => conversation(id)),
  );
  // One conversation of items alone, one with as many turns that were written otherwise.
  await database.rows(sql`
    INSERT INTO turns (project_id, id, conversation_id, position, revision, role, state, timestamp, messages, of_items)
    SELECT 'default', 'turn_' || c || n, c, n, n, 'assistant', 'done', now(), '[{"kind":"text","content":"x","state":"done"}]', c = 'items' OR n % 2 = 0
    FROM unnest(ARRAY['items', 'mixed']) AS c, generate_series(1, ${ITEMS / PER_TURN}::integer) AS n`);
  await database.rows(sql`
    INSERT INTO items (project_id, conversation_id, position, place, id, type, fragments, bytes, item)
    SELECT 'default', c, n / ${PER_TURN} + 1, 1000000 + n % ${PER_TURN}, 'msg_' || n, 'message', 0, 100, json_build_object('id', 'msg_' || n)
    FROM unnest(ARRAY['items', 'mixed']) AS c, generate_series(0, ${ITEMS - 1}::integer) AS n
    WHERE c = 'items' OR (n / ${PER_TURN} + 1) % 2 = 0`);
  await database.rows(sql`ANALYZE`);
});
afterAll(() => server.close());

const PLACES = [
  null,
  { position: ITEMS / PER_TURN / 2, place: 1_000_050 },
  { position: ITEMS / PER_TURN / 2 + 1, place: 0 },
];

// EXPLAIN shows what a worker does as one task, by the names of its shards.
describeOnOneMachine.each(["items", "mixed"])("a hundred of the items of a long conversation (%s)", (id) => {
  test.each(
    (["ASC", "DESC"] as const).flatMap((direction) =>
      PLACES.flatMap((place) => [false, true].map((backward) => ({ direction, place, backward }))),
    ),
  )(
    "are one statement that reads a range of each index: $direction, from $place, backward $backward",
    async ({ direction, place, backward }) => {
      const bounds = backward ? { after: null, before: place } : { after: place, before: null };
      const page: ItemsPage = { direction, backward, ...bounds, limit: 100, type: null, maxBytes: 8_388_608 };
      const slice = await readItems(server.database, SCOPE, id, page);
      expect(slice?.rows).toHaveLength(100);
      const plans = await plansOf(server.database, (executor) => readItems(executor, SCOPE, id, page));
      expect(plans.filter((node) => /Seq Scan|Bitmap/.test(node["Node Type"]))).toEqual([]);
      // Each is found in its range and looked up by its key; of turns twice as many are passed over; one more may lie behind.
      expect(rowsTouched(plans, "items")).toBeLessThanOrEqual(2 * 102 + 1);
      expect(rowsTouched(plans, "turns")).toBeLessThanOrEqual(3 * 102 + 1);
    },
  );
});
