import { afterAll, beforeAll, expect, test } from "vitest";

import { importConversation } from "../../src/store/write/import-conversation.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, readTurns, says, update } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const SET = `mutation ($input: SetTurnMetadataInput!) { setTurnMetadata(input: $input) {
  turn { id revision state metadata messages { ... on TextFragment { content state } } } conversation { revision }
} }`;
const pairs = (map: Record<string, string>) => Object.entries(map).map(([key, value]) => ({ key, value }));
// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
const note = async (input: object): Promise<any> => (await ask(server, SET, { input })).setTurnMetadata;
const READ =
  "query ($id: ID!) { turn(id: $id) { metadata } conversation: turn(id: $id) { conversation { updatedAt } } }";

test("a turn is stored with metadata, in its order, and without has an empty map", async () => {
  const metadata = pairs({ model: "m-1", "10": "x", "2": "y", __proto__: "z" });
  metadata.push({ key: "__proto__", value: "z" });
  const conversationId = await create(server, { turns: [{ ...says("one"), metadata }, says("two")] });
  const { id } = await append(server, { conversationId, turn: { ...says("three"), metadata: pairs({ a: "" }) } });
  expect((await ask(server, READ, { id })).turn.metadata).toEqual({ a: "" });
  const query = "query ($id: ID!) { conversation(id: $id) { turns { nodes { metadata } } } }";
  const { turns } = (await ask(server, query, { id: conversationId })).conversation;
  expect(JSON.stringify(turns.nodes)).toBe(
    '[{"metadata":{"2":"y","10":"x","model":"m-1","__proto__":"z"}},{"metadata":{}},{"metadata":{"a":""}}]',
  );
});

test("pairs of a final turn are set and removed, and watchers see it as a change of the turn", async () => {
  const conversationId = await create(server, { turns: [{ ...says("one"), metadata: pairs({ a: "1", b: "2" }) }] });
  const [{ id }] = await readTurns(server, conversationId);
  const watching = await watch(server, { conversationId });
  const noted = await note({ id, set: pairs({ c: "3", a: "4" }), remove: ["b", "none"] });
  expect(noted).toMatchObject({
    turn: { id, revision: 2, metadata: { a: "4", c: "3" } },
    conversation: { revision: 2 },
  });
  expect(await watching.take(1)).toMatchObject([{ id, revision: 2 }]);
  watching.leave();
});

test("two callers that set different keys both win", async () => {
  const conversationId = await create(server, { turns: [says("one")] });
  const [{ id }] = await readTurns(server, conversationId);
  await Promise.all(["a", "b", "c", "d"].map((key) => note({ id, set: pairs({ [key]: key }) })));
  expect((await ask(server, READ, { id })).turn.metadata).toEqual({ a: "a", b: "b", c: "c", d: "d" });
});

test("text that streams goes on around it, and none is lost", async () => {
  const conversationId = await create(server);
  const { id } = await append(server, {
    conversationId,
    turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] },
  });
  for (const appendText of ["a", "b", "\ud83d"]) await update(server, { id, appendText });
  const { turn: noted } = await note({ id, set: pairs({ model: "m" }) });
  expect(noted).toMatchObject({ revision: 5, state: "IN_PROGRESS", metadata: { model: "m" } });
  await update(server, { id, appendText: "\ude00c" });
  await update(server, { id, appendText: "d" });
  const [ended] = [await update(server, { id, state: "DONE" })];
  expect(ended).toMatchObject({ revision: 8, messages: [{ content: "ab😀cd", state: "DONE" }] });
  expect((await ask(server, READ, { id })).turn.metadata).toEqual({ model: "m" });
});

test("an import without metadata keeps what is known, and one with other metadata replaces it", async () => {
  const record = (metadata: Record<string, string>) => conversation("m1", { turns: [turn("m1.1", { metadata })] });
  const outcomes: string[] = [];
  for (const metadata of [{ a: "1" }, {}, { b: "2" }]) {
    const result = await importConversation(server.database, "default", record(metadata), { replace: false });
    outcomes.push("outcome" in result ? result.outcome : "differs");
    outcomes.push(JSON.stringify((await ask(server, READ, { id: "m1.1" })).turn.metadata));
  }
  expect(outcomes).toEqual(["added", '{"a":"1"}', "unchanged", '{"a":"1"}', "changed", '{"b":"2"}']);
});

test.each([
  ["nothing", {}, "input", "BAD_USER_INPUT"],
  ["empty lists", { set: [], remove: [] }, "input", "BAD_USER_INPUT"],
  ["a key twice", { set: [...pairs({ a: "1" }), ...pairs({ a: "2" })] }, "input.set.1.key", "BAD_USER_INPUT"],
  ["a key set and removed", { set: pairs({ a: "1" }), remove: ["b", "a"] }, "input.remove.1", "BAD_USER_INPUT"],
  ["a long key", { set: pairs({ ["k".repeat(65)]: "" }) }, "input.set.0.key", "BAD_USER_INPUT"],
  ["a long value", { set: pairs({ k: "v".repeat(513) }) }, "input.set.0.value", "BAD_USER_INPUT"],
  ["a NUL", { remove: ["\0"] }, "input.remove.0", "BAD_USER_INPUT"],
  ["too many keys at once", { remove: Array.from({ length: 17 }, String) }, "input.remove", "BAD_USER_INPUT"],
  ["more pairs than a turn may have", { set: pairs({ more: "1" }) }, "input.set", "BAD_USER_INPUT"],
  ["a turn that is not there", { id: "turn_none", remove: ["a"] }, "input.id", "NOT_FOUND"],
])("%s is refused, and changes nothing", async (_what, change, argument, code) => {
  const full = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, "v"]));
  const conversationId = await create(server, { turns: [{ ...says("one"), metadata: pairs(full) }] });
  const [{ id, ...before }] = await readTurns(server, conversationId);
  const { errors } = await post(server, SET, { input: { id, ...change } });
  expect(errors).toMatchObject([{ extensions: { code, argument } }]);
  expect(await readTurns(server, conversationId)).toEqual([{ id, ...before }]);
  expect((await ask(server, READ, { id })).turn.metadata).toEqual(full);
});
