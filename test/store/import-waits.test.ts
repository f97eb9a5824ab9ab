import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { importConversation } from "../../src/store/write/import-conversation.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { whileLocked } from "../harness/locks.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test("an import that waits for a writer finds what that one has written, of the conversation too", async () => {
  const { database } = server;
  const record = conversation("conv_a", { metadata: { title: "first" }, turns: [turn("turn_1")] });
  await store(database, [record]);
  // As a writer that describes the conversation and then appends: the head is locked first, the conversation changed last.
  const writer = sql`
    WITH h AS (
      UPDATE conversation_heads SET revision = revision + 1, described_at = now()
      WHERE project_id = 'default' AND conversation_id = 'conv_a' RETURNING conversation_id
    )
    UPDATE conversations c SET agent_name = 'shop', agent_version = '2', metadata = '{"title":"second"}' FROM h
    WHERE c.project_id = 'default' AND c.id = h.conversation_id`;
  const turns = [turn("turn_1"), turn("turn_2")];
  await whileLocked(database, writer, () =>
    importConversation(database, "default", { ...record, metadata: {}, turns }, { replace: false }),
  );
  const [row] = await database.rows(sql`
    SELECT c.agent_name AS agent, c.metadata ->> 'title' AS title, h.revision, h.turn_count AS turns FROM conversations c
    JOIN conversation_heads h ON h.project_id = c.project_id AND h.conversation_id = c.id WHERE c.id = 'conv_a'`);
  expect(row).toEqual({ agent: "shop", title: "second", revision: 3, turns: 2 });
});
