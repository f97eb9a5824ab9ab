import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { exportConversations } from "../../src/store/read/export-conversations.ts";
import {
  addItems,
  assistant,
  callApi,
  createWith,
  functionCall,
  functionOutput,
  user,
} from "../harness/conversations-api.ts";
import { getFixie } from "../harness/get-list.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, readTurns, says } from "../harness/writes.ts";

let server: TestServer;
let resolved: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  resolved = await startTestServer({ COMPILE_DOCUMENTS: "0" }, server.url);
});
afterAll(async () => {
  await resolved.close();
  await server.close();
});

const LONG = "lorem ".repeat(8000);

/** What the turns of the conversation say by every way of reading, which has to be the same. */
async function readEverywhere(id: string) {
  const turns = await readTurns(server, id);
  expect(await readTurns(resolved, id)).toEqual(turns);
  const fragments = turns.map(({ messages }) => messages.length);
  const node = "query ($id: ID!) { node(id: $id) { ... on Turn { revision messages { __typename } } } }";
  for (const { id: turn, messages, revision } of turns) {
    const read = await ask(server, node, { id: turn });
    expect([read.node.messages.length, read.node.revision]).toEqual([messages.length, revision]);
  }
  const fixie = (await getFixie(server, "everywhere")).body.conversations.find((one) => one.id === id);
  expect(fixie?.turns.map(({ messages }) => messages.length)).toEqual(fragments);
  const scope = { projectId: "default", isolationKey: null };
  const exported = (await Array.fromAsync(exportConversations(server.database, scope, null))).find(
    (one) => one.id === id,
  );
  expect(exported?.turns.map(({ messages }) => messages.length)).toEqual(fragments);
  expect(exported?.turns.map(({ revision }) => revision)).toEqual(turns.map(({ revision }) => revision));
  const from = await watch(server, { conversationId: id, afterRevision: 0 });
  expect(await from.take(turns.length)).toMatchObject(
    turns.toSorted((a, b) => a.revision - b.revision).map(({ id: turn, messages }) => ({ id: turn, messages })),
  );
  from.leave();
  return turns;
}

async function found(filter: object): Promise<string[]> {
  const query = "query ($filter: ConversationFilter) { conversations(filter: $filter) { nodes { id } } }";
  const ids = (await ask(server, query, { filter })).conversations.nodes.map((node: { id: string }) => node.id);
  expect((await ask(resolved, query, { filter })).conversations.nodes.map((node: { id: string }) => node.id)).toEqual(
    ids,
  );
  return ids;
}

describe("items show in every read at once", () => {
  test("one by one into one turn, past a fold of its chunks, and with the next turn", async () => {
    const by = { created_by: { agent: { name: "everywhere" } } };
    const id = await createWith(server, [{ ...user("alpha"), ...by }]);
    const steps = [
      functionCall("c", "lookup"),
      functionOutput("c", "beta"),
      { type: "reasoning", summary: [] },
      assistant("gamma"),
      assistant(LONG),
      assistant(`${LONG}delta`),
      assistant("epsilon"),
      user("zeta"),
      assistant("eta"),
    ];
    let revision = 1;
    for (const step of steps) {
      await addItems(server, id, [step]);
      const turns = await readEverywhere(id);
      revision += 1;
      expect(Math.max(...turns.map((turn) => turn.revision))).toBe(revision);
    }
    const [, answer] = await readTurns(server, id);
    expect(answer.messages.map((message: { __typename: string }) => message.__typename)).toEqual([
      "FunctionCallFragment",
      "FunctionResponseFragment",
      ...Array(4).fill("TextFragment"),
    ]);
  });

  test("search and functions find what was just added, and what was folded", async () => {
    const id = await createWith(server, [user("omega quest")]);
    await addItems(server, id, [assistant("first")]);
    await addItems(server, id, [functionCall("c", "psi_function")]);
    await addItems(server, id, [assistant("chi rho")]);
    for (const search of ["omega", "first", "chi", '"chi rho"', "omega chi", "first -absent"]) {
      expect([search, await found({ search })]).toEqual([search, [id]]);
    }
    expect(await found({ search: "omega -chi" })).toEqual([]);
    expect(await found({ calledFunction: "psi_function" })).toEqual([id]);
    expect(await found({ search: "chi", calledFunction: "psi_function", metadata: [] })).toEqual([id]);
    await addItems(server, id, [user("next")]);
    for (const search of ["first", "chi rho", "next"])
      expect([search, await found({ search })]).toEqual([search, [id]]);
    const headers = { "x-ms-user-isolation-key": "ann" };
    const own = await createWith(server, [user("omega")], headers);
    await callApi(server, "POST", `/${own}/items`, { items: [assistant("a")] }, headers);
    await callApi(server, "POST", `/${own}/items`, { items: [assistant("sigma")] }, headers);
    const query = '{ conversations(filter: { search: "sigma" }) { nodes { id } } }';
    expect((await ask(server, query, {}, headers)).conversations.nodes).toEqual([{ id: own }]);
    expect((await ask(server, query, {}, { "x-ms-user-isolation-key": "bob" })).conversations.nodes).toEqual([]);
  });

  test("a watcher sees each turn that items change, in order, and one that GraphQL appends behind them", async () => {
    const id = await createWith(server, [user("a")]);
    const watcher = await watch(server, { conversationId: id });
    await addItems(server, id, [assistant("b")]);
    expect(await watcher.take(1)).toMatchObject([{ position: 2, messages: [{ content: "b" }] }]);
    await addItems(server, id, [assistant("c")]);
    expect(await watcher.take(1)).toMatchObject([
      { position: 2, state: "DONE", messages: [{ content: "b" }, { content: "c" }] },
    ]);
    await append(server, { conversationId: id, turn: says("d") });
    expect(await watcher.take(1)).toMatchObject([{ position: 3 }]);
    const [item] = (await callApi(server, "GET", `/${id}/items?order=asc`)).body.data;
    await callApi(server, "DELETE", `/${id}/items/${item.id}`);
    expect(await watcher.take(1)).toMatchObject([{ position: 1, messages: [] }]);
    watcher.leave();
  });
});
