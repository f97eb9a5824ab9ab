import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { notifyChanged } from "../../src/store/watch/change-feed.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test("a database without what a watcher has seen, as after a failover, completes the stream", async () => {
  const conversationId = await create(server, { turns: [says("kept")] });
  const watching = await watch(server, { conversationId });
  const { id, revision } = await append(server, { conversationId, turn: says("lost") });
  await watching.take(1);
  await server.database.transaction(async (transaction) => {
    await transaction.rows(sql`DELETE FROM turns WHERE project_id = 'default' AND id = ${id}`);
    await transaction.rows(sql`
      UPDATE conversation_heads SET revision = 1, turn_count = 1
      WHERE project_id = 'default' AND conversation_id = ${conversationId}`);
    await notifyChanged(transaction, "default", [conversationId]);
  });
  expect(await watching.next()).toBeNull();

  // The revision to resume from shows the client that turns were lost.
  const resumed = await watch(server, { conversationId, afterRevision: revision });
  const event = await resumed.next();
  expect(event?.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "afterRevision" } }]);
});
