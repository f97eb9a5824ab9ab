import { sql } from "drizzle-orm";
import { expect, onTestFinished, test } from "vitest";

import { forgetDeleted } from "../../src/store/write/forget-deleted.ts";
import { conversation, store } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer } from "../harness/server.ts";

const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";

test("what was deleted is remembered for a day, unless it comes again", async () => {
  const server = await startTestServer();
  onTestFinished(server.close);
  const { database } = server;
  const remembered = async () => {
    const rows = await database.rows<{ id: string; user: string }>(sql`
      SELECT conversation_id AS id, isolation_key AS user FROM deleted_conversations ORDER BY conversation_id`);
    return rows.map(({ id, user }) => `${id} of ${user}`);
  };
  await store(
    database,
    ["a", "b", "c"].map((id) => conversation(id, { isolationKey: "ann" })),
  );
  await ask(server, DELETE, { id: "a" });
  await ask(server, DELETE, { id: "b" });
  expect(await remembered()).toEqual(["a of ann", "b of ann"]);
  await store(database, [conversation("a", { isolationKey: "bob" })]);
  await ask(server, DELETE, { id: "a" });
  expect(await remembered()).toEqual(["a of bob", "b of ann"]);
  await database.rows(sql`
    UPDATE deleted_conversations SET deleted_at = now() - interval '23 hours 59 minutes' WHERE conversation_id = 'a'`);
  await database.rows(sql`
    UPDATE deleted_conversations SET deleted_at = now() - interval '24 hours' WHERE conversation_id = 'b'`);
  await forgetDeleted(database, new AbortController().signal);
  expect(await remembered()).toEqual(["a of bob"]);
});
