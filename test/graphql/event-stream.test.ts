import { connect } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const WATCH = `subscription ($id: ID!, $after: Int) {
  turnChanged(conversationId: $id, afterRevision: $after) { turn { position messages { ... on TextFragment { content } } } }
}`;

/** Opens the stream as a browser's EventSource does: a GET, whose URL stays the same when it connects again. */
async function openStream(variables: object, headers: Record<string, string> = {}, query = WATCH): Promise<Response> {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  return fetch(`${server.origin}/graphql?${search}`, { headers: { accept: "text/event-stream", ...headers } });
}

/** The first events of the stream: the id and the data of each. Then leaves. */
async function take({ body }: Response, count: number): Promise<{ id: string | undefined; data: unknown }[]> {
  const events: { id: string | undefined; data: unknown }[] = [];
  let text = "";
  if (body === null) throw new Error("The answer has no body.");
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split("\n")
          .map((line) => line.split(/: (.*)/)),
      );
      text = text.slice(end + 2);
      if (fields.event === "next") events.push({ id: fields.id, data: JSON.parse(fields.data) });
    }
    if (events.length >= count) break;
  }
  return events;
}

/** The body of a stream as it travels, from its first event until the conversation is deleted. */
async function bodyOverWire(version: string): Promise<string> {
  const id = await create(server, { turns: [says("word 1")] });
  const search = new URLSearchParams({ query: WATCH, variables: JSON.stringify({ id, after: 0 }) });
  const { hostname, port, host } = new URL(server.origin);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /graphql?${search} HTTP/${version}\r\nhost: ${host}\r\n\r\n`);
  let all = "";
  for await (const piece of socket.setEncoding("utf8")) {
    all += piece;
    if (piece.includes("word 1")) await ask(server, DELETE, { id });
    // The connection stays open for further requests.
    if (all.endsWith("\r\n0\r\n\r\n")) break;
  }
  return all.slice(all.indexOf("\r\n\r\n") + 4);
}

const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";

test("an event is one chunk of HTTP/1.1, and none for a caller that speaks HTTP/1.0", async () => {
  const body = await bodyOverWire("1.0");
  expect(body).toMatch(/^:\n\nid: 1\nevent: next\ndata: \{.*\}\n\nevent: complete\ndata:\n\n$/);
  const sizes = body.split(/(?<=\n\n)/).map((event) => `${event.length.toString(16)}\r\n${event}\r\n`);
  expect(await bodyOverWire("1.1")).toBe(`${sizes.join("")}0\r\n\r\n`);
});

const said = (events: { data: unknown }[]) => JSON.stringify(events).match(/word \d/g);

test("each event has its revision as id, and an EventSource that connects again goes on after the last one", async () => {
  const id = await create(server);
  for (const word of [1, 2, 3]) await append(server, { conversationId: id, turn: says(`word ${word}`) });
  const first = await take(await openStream({ id, after: 0 }), 3);
  expect(first.map((event) => event.id)).toEqual(["1", "2", "3"]);
  const again = await take(await openStream({ id, after: 0 }, { "last-event-id": "1" }), 2);
  expect(said(again)).toEqual(["word 2", "word 3"]);
});

test.each(["x", "-1", "1.5", "1, 2", "99"])("the last event id %s is BAD_USER_INPUT", async (last) => {
  const id = await create(server);
  const response = await openStream({ id }, { "last-event-id": last });
  expect(await response.text()).toContain('"code":"BAD_USER_INPUT"');
});

test("watchers that ask the same get the same, and those that ask otherwise what they asked for", async () => {
  const id = await create(server, { turns: [says("word 0")] });
  const other = await create(server);
  const place = `subscription ($id: ID!) { turnChanged(conversationId: $id) { turn { position } } }`;
  const streams = await Promise.all([
    openStream({ id }),
    openStream({ id }),
    openStream({ id }, {}, place),
    openStream({ id: other }),
  ]);
  await append(server, { conversationId: id, turn: says("word 1") });
  await append(server, { conversationId: other, turn: says("word 2") });
  const [one, same, short, others] = await Promise.all(streams.map((stream) => take(stream, 1)));
  expect(one).toEqual([
    { id: "2", data: { data: { turnChanged: { turn: { position: 2, messages: [{ content: "word 1" }] } } } } },
  ]);
  expect(same).toEqual(one);
  expect(short).toEqual([{ id: "2", data: { data: { turnChanged: { turn: { position: 2 } } } } }]);
  expect(said(others ?? [])).toEqual(["word 2"]);
});

const WATCH_LIST = "subscription ($id: String) { conversationChanged(after: $id) { cursor } }";

test.each(["", "x", "1", "1.x", "00.", "zzzzzzzzzz.", "1,0.", `0.${"A".repeat(8 * 33)}`])(
  "the cursor %j of a list is BAD_USER_INPUT, in the argument and as last event id",
  async (after) => {
    const told = async (variables: object, headers = {}) => (await openStream(variables, headers, WATCH_LIST)).text();
    expect(await told({ id: after })).toMatch(/"code":"BAD_USER_INPUT","argument":"after"/);
    expect(await told({}, { "last-event-id": after })).toMatch(/"code":"BAD_USER_INPUT","argument":"last-event-id"/);
  },
);

test("each event of a list has its cursor as id", async () => {
  await create(server);
  const [event] = await take(await openStream({ id: "0." }, {}, WATCH_LIST), 1);
  expect(event?.data).toEqual({ data: { conversationChanged: { cursor: event?.id } } });
});
