import { afterAll, beforeAll, expect, test } from "vitest";

import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says, update } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** The conversation's revision, by id and in the list; and those of its turns. */
async function revisionsOf(id: string): Promise<{ own: number; turns: number[] }> {
  const { conversation, conversations } = await ask(
    server,
    `query ($id: ID!) {
      conversation(id: $id) { revision turns { nodes { revision conversation { revision } } } }
      conversations { nodes { id revision updatedAt } }
    }`,
    { id },
  );
  const listed = conversations.nodes.find((node: { id: string }) => node.id === id);
  expect(listed.revision).toBe(conversation.revision);
  const turns = conversation.turns.nodes;
  for (const turn of turns) expect(turn.conversation.revision).toBe(conversation.revision);
  return { own: conversation.revision, turns: turns.map(({ revision }: { revision: number }) => revision) };
}

test("each append and change of a turn, and each change of the metadata raises a conversation's revision", async () => {
  const conversationId = await create(server);
  expect(await revisionsOf(conversationId)).toEqual({ own: 0, turns: [] });
  await append(server, { conversationId, turn: says("one") });
  const { id } = await append(server, {
    conversationId,
    turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] },
  });
  expect(await revisionsOf(conversationId)).toEqual({ own: 2, turns: [1, 2] });
  await update(server, { id, appendText: "two" });
  expect(await revisionsOf(conversationId)).toEqual({ own: 3, turns: [1, 3] });
  await ask(
    server,
    'mutation ($id: ID!) { updateConversation(input: { id: $id, metadata: [{ key: "a", value: "b" }] }) { conversation { id } } }',
    { id: conversationId },
  );
  expect(await revisionsOf(conversationId)).toEqual({ own: 4, turns: [1, 3] });
});

test("a conversation created with turns counts them, and a watcher goes on from its revision", async () => {
  const conversationId = await create(server, { turns: [says("one"), says("two")] });
  const { own } = await revisionsOf(conversationId);
  expect(own).toBe(2);
  await append(server, { conversationId, turn: says("three") });
  const watching = await watch(server, { conversationId, afterRevision: own });
  expect(await watching.take(1)).toMatchObject([{ position: 3, revision: 3 }]);
  watching.leave();
});
