import { afterAll, beforeAll, expect, test } from "vitest";

import { ask, post } from "../harness/graphql.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const CHANGE = `mutation ($input: UpdateConversationInput!) {
  updateConversation(input: $input) { conversation { metadata title revision updatedAt } }
}`;
const pairs = (map: Record<string, string>) => Object.entries(map).map(([key, value]) => ({ key, value }));
// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
const change = async (input: object): Promise<any> =>
  (await ask(server, CHANGE, { input })).updateConversation.conversation;

test("pairs are set and removed, and all others stay in their places", async () => {
  const id = await create(server, { metadata: pairs({ title: "a", b: "1", c: "2" }) });
  const changed = await change({ id, setMetadata: pairs({ d: "3", title: "A" }), removeMetadata: ["b", "none"] });
  expect(JSON.stringify(changed.metadata)).toBe('{"title":"A","c":"2","d":"3"}');
  expect(changed).toMatchObject({ title: "A", revision: 1 });
});

test("two callers that set different keys both win", async () => {
  const id = await create(server);
  await Promise.all(["a", "b", "c", "d"].map((key) => change({ id, setMetadata: pairs({ [key]: key }) })));
  expect(await change({ id })).toMatchObject({ metadata: { a: "a", b: "b", c: "c", d: "d" }, revision: 4 });
});

test("at a revision that has passed it is CONFLICT, and changes nothing", async () => {
  const id = await create(server, { turns: [says("one")] });
  const title = pairs({ title: "mine" });
  await append(server, { conversationId: id, turn: says("two") });
  for (const input of [{ setMetadata: title }, { metadata: title }, { removeMetadata: ["title"] }]) {
    const { errors } = await post(server, CHANGE, { input: { id, ...input, expectedRevision: 1 } });
    expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "input.expectedRevision" } }]);
  }
  const changed = await change({ id, setMetadata: title, expectedRevision: 2 });
  expect(changed).toMatchObject({ metadata: { title: "mine" }, revision: 3 });
});

test("a rename moves no conversation in the list by update, and an export of what changed since has it", async () => {
  const turns = [{ ...says("one"), timestamp: "2024-05-20T10:00:00Z" }];
  const older = await create(server, { turns });
  const newer = await create(server, { turns });
  const before = (await change({ id: older })).updatedAt;
  const since = new Date(Date.now() + 1).toISOString();
  while (Date.now() <= Date.parse(since)) await change({ id: newer });
  expect(await change({ id: older, setMetadata: pairs({ title: "renamed" }) })).toMatchObject({ updatedAt: before });
  const list = "{ conversations(first: 2, orderBy: { field: UPDATED_AT }) { nodes { id } } }";
  expect((await ask(server, list)).conversations.nodes).toEqual([{ id: newer }, { id: older }]);
  const { stdout } = await runCommand(server.url, ["export", "--since", since]);
  const lines = stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line)).map(({ id, metadata }) => [id, metadata])).toEqual([
    [older, { title: "renamed" }],
  ]);
});

test.each([
  ["metadata and setMetadata", { metadata: [], setMetadata: [] }, "input.setMetadata"],
  ["metadata and removeMetadata", { metadata: [], removeMetadata: ["a"] }, "input.removeMetadata"],
  ["a key set and removed", { setMetadata: pairs({ a: "1" }), removeMetadata: ["a"] }, "input.removeMetadata.0"],
  ["a key twice", { setMetadata: [...pairs({ a: "1" }), ...pairs({ a: "1" })] }, "input.setMetadata.1.key"],
  ["too many pairs in all", { setMetadata: pairs({ more: "1" }) }, "input.setMetadata"],
])("%s is BAD_USER_INPUT, and changes nothing", async (_what, input, argument) => {
  const full = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, "v"]));
  const id = await create(server, { metadata: pairs(full) });
  const { errors } = await post(server, CHANGE, { input: { id, ...input } });
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
  expect(await change({ id })).toMatchObject({ metadata: full, revision: 0 });
});
