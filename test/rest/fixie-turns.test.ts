import { afterAll, beforeAll, expect, test } from "vitest";
import type { TurnRecord } from "../../src/model/conversation-record.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { getFixie } from "../harness/get-list.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

/** Stores one conversation with these turns under an agent of the same name, and reads its list. */
async function tell(id: string, turns: TurnRecord[]) {
  await store(server.database, [conversation(id, { agent: { name: id, version: null }, turns })]);
  return getFixie(server, id);
}

test("every member in the documented order and spelling; what is not set is absent, never null", async () => {
  const call = { kind: "functionCall", name: "queryKnowledgeBase" } as const;
  const { text: body } = await tell("documented", [
    turn("u1", { timestamp: new Date("2024-03-07T22:56:08.570Z"), messages: [text("Hello!")] }),
    turn("a1", {
      role: "assistant",
      state: "in-progress",
      timestamp: new Date("2024-03-07T22:56:09.000Z"),
      inReplyToId: "u1",
      messages: [
        { kind: "text", content: "Let me", state: "done", metadata: { source: { page: [1, null, true] } } },
        { ...call, args: { query: "Why is the sky blue?" } },
        { ...call, args: {}, metadata: { callId: "call_1" } },
        { kind: "functionResponse", name: "queryKnowledgeBase", response: "{\n}", failed: false },
        { kind: "functionResponse", name: "q", response: "", failed: true, metadata: {} },
        { kind: "text", content: "The sky", state: "in-progress" },
      ],
    }),
    turn("a2", { role: "assistant", state: "stopped", messages: [] }),
    turn("a3", { role: "assistant", state: "error", errorDetail: "model overloaded", messages: [] }),
    turn("a4", { role: "assistant", state: "error", errorDetail: "", messages: [] }),
    turn("a5", { role: "assistant", state: "error", messages: [] }),
  ]);
  const at = '"timestamp":"2024-05-20T10:00:00.000Z","role":"assistant","messages":[]';
  expect(body).toBe(
    '{"conversations":[{"id":"documented","turns":[' +
      '{"id":"u1","timestamp":"2024-03-07T22:56:08.570Z","role":"user",' +
      '"messages":[{"kind":"text","content":"Hello!","state":"done"}],"state":"done"},' +
      '{"id":"a1","timestamp":"2024-03-07T22:56:09.000Z","role":"assistant","messages":[' +
      '{"kind":"text","content":"Let me","state":"done","metadata":{"source":{"page":[1,null,true]}}},' +
      '{"kind":"functionCall","name":"queryKnowledgeBase","args":{"query":"Why is the sky blue?"}},' +
      '{"kind":"functionCall","name":"queryKnowledgeBase","args":{},"metadata":{"callId":"call_1"}},' +
      '{"kind":"functionResponse","name":"queryKnowledgeBase","response":"{\\n}","failed":false},' +
      '{"kind":"functionResponse","name":"q","response":"","failed":true,"metadata":{}},' +
      '{"kind":"text","content":"The sky","state":"in-progress"}],"state":"in-progress","inReplyToId":"u1"},' +
      `{"id":"a2",${at},"state":"stopped"},` +
      `{"id":"a3",${at},"state":"error","errorDetail":"model overloaded"},` +
      `{"id":"a4",${at},"state":"error","errorDetail":""},` +
      `{"id":"a5",${at},"state":"error"}]}],` +
      '"pageInfo":{"requestedPageSize":100,"requestedOffset":0,"totalResultCount":1}}',
  );
});

test("arguments and metadata come as deep as they are, numbers to the digit and keys in their order", async () => {
  const source =
    '{"order":12345678901234567890,"price":1.50,"tiny":1e-400,"minus":-0,"z":[[{"b":{"__proto__":{"a":null}}}],"10.5"],' +
    '"constructor":"x","":false,"Größe":"\u2028🙂"}';
  const raw = {
    order: JSON.rawJSON("12345678901234567890"),
    price: JSON.rawJSON("1.50"),
    tiny: JSON.rawJSON("1e-400"),
  };
  const rest = { minus: JSON.rawJSON("-0"), z: [[{ b: { ["__proto__"]: { a: null } } }], "10.5"], constructor: "x" };
  const args = { ...raw, ...rest, "": false, Größe: "\u2028🙂" };
  const { text: body } = await tell("digits", [
    turn("d1", {
      role: "assistant",
      messages: [
        { kind: "functionCall", name: "order", args, metadata: args },
        { kind: "text", content: "", state: "done", metadata: args },
        { kind: "functionResponse", name: "order", response: "", failed: false, metadata: args },
      ],
    }),
  ]);
  expect(body).toContain(`{"kind":"functionCall","name":"order","args":${source},"metadata":${source}}`);
  expect(body).toContain(`{"kind":"text","content":"","state":"done","metadata":${source}}`);
  expect(body).toContain(
    `{"kind":"functionResponse","name":"order","response":"","failed":false,"metadata":${source}}`,
  );
});

test("a response is a string, kept to the byte", async () => {
  const responses = [
    "10.5",
    "null",
    '"quoted"',
    '{ "a":1.0,\r\n\t"b" : 12345678901234567890 }\n',
    "\u2028\u2029\ufeff\u0001\u007f\u0085",
    "e\u0301 is not \u00e9",
    "\\u0041 \\ / </script>",
    "🙂".repeat(20_000),
  ];
  const { body } = await tell("bytes", [
    turn("b1", {
      role: "assistant",
      messages: responses.map((response) => ({ kind: "functionResponse", name: "f", response, failed: false })),
    }),
  ]);
  expect(body.conversations[0]?.turns[0]?.messages.map(({ response }) => response)).toEqual(responses);
});

test("turns come in the order in which they were said, whatever their ids and times, however many they are", async () => {
  // Read some hundreds at a time: counts on, next to and far beyond the edge, in one page.
  const counts = [3, 500, 0, 501, 1, 250, 250, 1203];
  const agent = { name: "long", version: null };
  const records = counts.map((count, index) =>
    conversation(`long-${index}`, {
      agent,
      createdAt: new Date(Date.parse("2024-05-20T10:00:00.000Z") - index),
      turns: Array.from({ length: count }, (_, position) => {
        const id = `turn_${index}.${(position * 7919) % 10_007}`;
        const timestamp = new Date(Date.parse("2024-05-20T10:00:00.000Z") - position);
        const reply = position > 0 ? ({ role: "assistant", inReplyToId: `turn_${index}.0` } as const) : {};
        return turn(id, { timestamp, ...reply });
      }),
    }),
  );
  for (const record of records) await store(server.database, [record]);
  const { body } = await getFixie(server, "long");
  const said = body.conversations.map(({ id, turns }) => [id, turns.map((one) => one.id)]);
  expect(said).toEqual(records.map(({ id, turns }) => [id, turns.map((one) => one.id)]));
  // Also where the turn that is answered was read with an earlier piece.
  for (const { turns } of body.conversations) {
    for (const reply of turns.slice(1)) expect(reply.inReplyToId).toBe(turns[0]?.id);
  }
});
