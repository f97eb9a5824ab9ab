import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, text, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says, update } from "../harness/writes.ts";

let server: TestServer;
let resolving: TestServer;
const calls = { role: "assistant", messages: [{ kind: "functionCall", name: "f", args: {} }] } as const;
const said = (...contents: string[]) => turn("t", { messages: contents.map(text) });
/** The turns of a conversation, oldest first, and its preview. */
const CASES = {
  none: [[], null],
  "no text": [[turn("t", { ...calls, messages: [...calls.messages] })], null],
  "only space": [[said(" \n\u2003\t\u00a0")], null],
  "the newest": [[said("older"), said("newer")], "newer"],
  "the newest with text": [[said("first"), said(" "), turn("t", { ...calls, messages: [...calls.messages] })], "first"],
  "one line": [[said("\n  a\r\n\tb\u2028c\u00a0\u00a0d\u0001e  ")], "a b c d e"],
  "several texts": [[said("a\n", " ", "b", "c")], "a b c"],
  quoted: [[said('say "\\" </x>')], 'say "\\" </x>'],
  "whole code points": [[said("🙂".repeat(300))], "🙂".repeat(160)],
  "cut after a space": [[said(`${"x".repeat(159)} y`)], "x".repeat(159)],
  long: [[said(`${" ".repeat(9000)}${"word ".repeat(100_000)}`)], "word ".repeat(32).trimEnd()],
} as const;

beforeAll(async () => {
  server = await startTestServer();
  resolving = await startTestServer({ COMPILE_DOCUMENTS: "0" }, server.url);
  const records = Object.entries(CASES).map(([id, [turns]]) =>
    conversation(id, { turns: turns.map((one, index) => ({ ...one, id: `${id} ${index}` })) }),
  );
  await store(server.database, records);
});
afterAll(async () => {
  await resolving.close();
  await server.close();
});

const ways = () => [server, resolving];

test("a list shows the beginning of each conversation's newest text, and its last turn", async () => {
  for (const one of ways()) {
    const query = "{ conversations(first: 100) { nodes { id preview lastTurn { id position } } } }";
    const { nodes } = (await ask(one, query)).conversations;
    const expected = Object.entries(CASES).map(([id, [turns, preview]]) => {
      const { length } = turns;
      const lastTurn = length === 0 ? null : { id: `${id} ${length - 1}`, position: length };
      return { id, preview, lastTurn };
    });
    expect(new Set(nodes)).toEqual(new Set(expected));
  }
});

test("a preview has the length that is asked for, from a turn too", async () => {
  const query = `query ($id: ID!, $length: Int) { turn(id: $id) { conversation {
    a: preview(length: $length) b: preview(length: 1) c: preview(length: 1000) d: preview(length: null)
  } } }`;
  for (const one of ways()) {
    for (const length of [1, 5, 159, 1000]) {
      const { conversation: shown } = (await ask(one, query, { id: "whole code points 0", length })).turn;
      const faces = (count: number) => "🙂".repeat(Math.min(count, 300));
      expect(shown).toEqual({ a: faces(length), b: faces(1), c: faces(300), d: faces(160) });
    }
  }
});

test.each([0, -1, 1001])("a length of %i is BAD_USER_INPUT", async (length) => {
  const query = "query ($length: Int) { conversations(first: 2) { nodes { preview(length: $length) } } }";
  for (const one of ways()) {
    const { errors } = await post(one, query, { length });
    expect(errors?.[0]).toMatchObject({ extensions: { code: "BAD_USER_INPUT", argument: "length" } });
  }
});

test("text that streams shows at once", async () => {
  const id = await create(server, { turns: [says("asked")] });
  const query = "query ($id: ID!) { conversation(id: $id) { preview lastTurn { state } } }";
  const open = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
  const answer = await append(server, { conversationId: id, turn: open });
  const seen: unknown[] = [];
  for (const appendText of [null, "one", " two"]) {
    if (appendText !== null) await update(server, { id: answer.id, appendText });
    for (const one of ways()) seen.push((await ask(one, query, { id })).conversation);
  }
  const shown = (preview: string) => Array(2).fill({ preview, lastTurn: { state: "IN_PROGRESS" } });
  expect(seen).toEqual([...shown("asked"), ...shown("one"), ...shown("one two")]);
});

test("last turns that are too long together are LIMIT_EXCEEDED, and previews of them are not", async () => {
  const env = { MAX_PAGE_BYTES: "2000" };
  const long = (id: string) => turn(id, { text: "y".repeat(1500) });
  const records = ["l1", "l2"].map((id) => conversation(id, { isolationKey: "long", turns: [long(`${id}.1`)] }));
  await store(server.database, records);
  for (const settings of [env, { ...env, COMPILE_DOCUMENTS: "0" }]) {
    const careful = await startTestServer(settings, server.url);
    const query = "{ conversations { nodes { id preview(length: 2) lastTurn { id } } } }";
    const { data, errors } = await post(careful, query, {}, { "x-ms-user-isolation-key": "long" });
    await careful.close();
    expect(errors).toMatchObject([
      { path: ["conversations", "nodes", 1, "lastTurn"], extensions: { code: "LIMIT_EXCEEDED" } },
    ]);
    expect(data.conversations.nodes).toEqual([
      { id: "l2", preview: "yy", lastTurn: { id: "l2.1" } },
      { id: "l1", preview: "yy", lastTurn: null },
    ]);
  }
});
