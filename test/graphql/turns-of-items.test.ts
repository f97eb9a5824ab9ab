import { afterAll, beforeAll, expect, test } from "vitest";

import { addItems, assistant, callApi, createWith, functionCall, user } from "../harness/conversations-api.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { readTurns } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const SYSTEM = { role: "system", content: "be brief" };

async function itemsOf(id: string): Promise<string[]> {
  const { body } = await callApi(server, "GET", `/${id}/items?order=asc`);
  return body.data.map(({ role, type }: { role?: string; type: string }) => role ?? type);
}

test("a note about a turn that items have joined, and join again, takes nothing from it", async () => {
  const id = await createWith(server, [user("a"), assistant("b")]);
  await addItems(server, id, [functionCall("c", "f")]);
  const [, answer] = await readTurns(server, id);
  const document = "mutation ($input: SetTurnMetadataInput!) { setTurnMetadata(input: $input) { turn { revision } } }";
  const set = [{ key: "rating", value: "good" }];
  const changed = await ask(server, document, { input: { id: answer.id, set } });
  expect(changed.setTurnMetadata.turn.revision).toBeGreaterThan(answer.revision);
  await addItems(server, id, [assistant("d")]);
  const [, after] = await readTurns(server, id);
  expect(after.messages).toMatchObject([{ content: "b" }, { name: "f" }, { content: "d" }]);
});

test("a turn that GraphQL deletes takes its items with it, and an instruction stays", async () => {
  const id = await createWith(server, [user("a"), assistant("b"), SYSTEM]);
  await addItems(server, id, [assistant("c")]);
  const [, answer] = await readTurns(server, id);
  await ask(server, "mutation ($input: DeleteTurnInput!) { deleteTurn(input: $input) { __typename } }", {
    input: { id: answer.id },
  });
  expect(await itemsOf(id)).toEqual(["user", "system"]);
  await addItems(server, id, [assistant("d")]);
  expect(await itemsOf(id)).toEqual(["user", "system", "assistant"]);
});

test("the copy of a conversation of items says the same, by turns that were written otherwise", async () => {
  const id = await createWith(server, [user("a"), assistant("b")]);
  await addItems(server, id, [functionCall("c", "f")]);
  const document =
    "mutation ($input: ForkConversationInput!) { forkConversation(input: $input) { conversation { id } } }";
  const copy = (await ask(server, document, { input: { id } })).forkConversation.conversation.id;
  expect(await itemsOf(copy)).toEqual(["user", "assistant", "function_call"]);
  expect((await readTurns(server, copy)).map(({ messages }) => messages.length)).toEqual([1, 2]);
});
