import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says, update, words } from "../harness/writes.ts";

const MOST = 100_000;
const LONG = "x".repeat(30_000);
const refused = [{ message: expect.stringContaining(`${MOST} bytes`), extensions: { code: "LIMIT_EXCEEDED" } }];

describe.each([
  ["compiled", "1"],
  ["resolved", "0"],
])("an answer over the limit is refused, %s:", (_way, compiled) => {
  let server: TestServer;
  let id: string;
  let question: string;
  beforeAll(async () => {
    server = await startTestServer({ MAX_ANSWER_BYTES: String(MOST), COMPILE_DOCUMENTS: compiled });
    id = await create(server, { turns: [says(LONG)] });
    [question] = (
      await ask(server, "query ($id: ID!) { conversation(id: $id) { turns { nodes { id } } } }", { id })
    ).conversation.turns.nodes.map((turn: { id: string }) => turn.id);
    for (let replies = 0; replies < 5; replies += 1) {
      await append(server, { conversationId: id, turn: { role: "ASSISTANT", messages: [], inReplyToId: question } });
    }
  });
  afterAll(() => server.close());

  const TEXT = "messages { ... on TextFragment { content } }";
  const fields = (selection: string) => Array.from({ length: 4 }, (_, at) => `a${at}: ${selection}`).join(" ");

  test.each([
    [
      "one question of many replies",
      `{ conversation(id: $id) { turns(last: 5) { nodes { inReplyTo { ${TEXT} } } } } }`,
    ],
    ["one turn under many aliases", `{ node(id: $turn) { ... on Turn { ${fields(TEXT)} } } }`],
    ["one turn of many ids", `{ nodes(ids: [$turn, $turn, $turn, $turn]) { ... on Turn { ${TEXT} } } }`],
    ["one list under many aliases", `{ conversation(id: $id) { ${fields(`turns { nodes { ${TEXT} } }`)} } }`],
    ["one conversation under many aliases", `{ ${fields(`conversations { nodes { turns { nodes { ${TEXT} } } } }`)} }`],
  ])("%s", async (_name, selection) => {
    const query = selection.replaceAll("$id", JSON.stringify(id)).replaceAll("$turn", JSON.stringify(question));
    const { data, errors } = await post(server, query);
    expect(errors?.slice(0, 1)).toMatchObject(refused);
    expect(JSON.stringify(data ?? null).length).toBeLessThan(1_000);
  });

  test("what fits is answered whole", async () => {
    const query = `query ($id: ID!) { conversation(id: $id) { turns(last: 3) { nodes { inReplyTo { ${TEXT} } } } } }`;
    const { nodes } = (await ask(server, query, { id })).conversation.turns;
    expect(nodes).toEqual(Array.from({ length: 3 }, () => ({ inReplyTo: { messages: [{ content: LONG }] } })));
  });

  test("every event of a subscription has the whole of it", async () => {
    const watched = await create(server);
    const events = await watch(server, { conversationId: watched });
    const turn = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [words(LONG, "IN_PROGRESS")] };
    const { id: streamed } = await append(server, { conversationId: watched, turn });
    for (let said = LONG; said.length < LONG.length + 6; said += "y") {
      const [seen] = await events.take(1);
      expect(seen.messages[0].content).toBe(said);
      await update(server, { id: streamed, appendText: "y" });
    }
    events.leave();
  });
});
