import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const MOST = 20_000;
const QUESTIONS = 3;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ MAX_PAGE_BYTES: String(MOST) });
  const turns = Array.from({ length: QUESTIONS }, (_, index) => [
    turn(`question${index}`, { text: "x".repeat(0.75 * MOST) }),
    turn(`answer${index}`, { role: "assistant", text: "yes", inReplyToId: `question${index}` }),
  ]);
  await store(server.database, [conversation("asked", { turns: turns.flat() })]);
});
afterAll(() => server.close());

const answers = (selection: string) =>
  `{ conversation(id: "asked") { turns(filter: { role: ASSISTANT }) { nodes { inReplyTo { ${selection} } } } } }`;

test("questions with more bytes than a page may have are shown where nothing long of them is asked for", async () => {
  const { conversation } = await ask(server, answers("id position role state timestamp conversation { id }"));
  const questions = conversation.turns.nodes.map(({ inReplyTo }: { inReplyTo: { id: string } }) => inReplyTo);
  expect(questions).toMatchObject(
    Array.from({ length: QUESTIONS }, (_, index) => ({ id: `question${index}`, conversation: { id: "asked" } })),
  );
});

test.each([
  ["messages", "messages { __typename }", null],
  ["errorDetail", "errorDetail", { errorDetail: null }],
])("and are refused where they come with %s", async (field, selection, inReplyTo) => {
  const { data, errors } = await post(server, answers(selection), {});
  expect(data.conversation.turns.nodes).toEqual(Array.from({ length: QUESTIONS }, () => ({ inReplyTo })));
  expect(errors).toHaveLength(QUESTIONS);
  for (const [index, error] of (errors ?? []).entries()) {
    const path = ["conversation", "turns", "nodes", index, "inReplyTo", field];
    expect(error).toMatchObject({ path, extensions: { code: "LIMIT_EXCEEDED" } });
  }
});
