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

test("the copy of a conversation has its items as they were sent, and the words of them all", async () => {
  const id = await createWith(server, [SYSTEM, user("a"), assistant("b"), user("c")]);
  await addItems(server, id, [assistant("d"), { type: "reasoning", summary: [], vendor: 1e3 }]);
  await addItems(server, id, [functionCall("c", "f"), assistant("parasol"), SYSTEM]);
  const copy = await fork({ id });
  const list = async (of: string) => (await callApi(server, "GET", `/${of}/items?order=asc`)).body.data;
  expect(await list(copy)).toEqual(await list(id));
  const said = (turns: { messages: unknown; state: string }[]) => turns.map(({ messages, state }) => [messages, state]);
  expect(said(await readTurns(server, copy))).toEqual(said(await readTurns(server, id)));
  const found = await ask(server, '{ conversations(filter: { search: "parasol" }) { nodes { id } } }');
  expect(found.conversations.nodes.map((node: { id: string }) => node.id).toSorted()).toEqual([copy, id].toSorted());

  await addItems(server, copy, [assistant("only here")]);
  const [last] = (await list(copy)).slice(-1);
  await callApi(server, "DELETE", `/${copy}/items/${(await list(copy))[1].id}`);
  expect((await list(id)).length).toBe((await list(copy)).length);
  expect(JSON.stringify(await list(id))).not.toContain(last.id);
  const [, answer] = await readTurns(server, id);
  expect(await itemsOf(await fork({ id, upToTurnId: answer.id }))).toEqual(["system", "user", "assistant"]);
});

async function fork(input: object): Promise<string> {
  const document =
    "mutation ($input: ForkConversationInput!) { forkConversation(input: $input) { conversation { id } } }";
  return (await ask(server, document, { input })).forkConversation.conversation.id;
}
