import { describe, expect, test } from "vitest";

import { readInput, readOne } from "../harness/read-input.ts";

const QUESTION = {
  id: "m1",
  timestamp: "2024-03-07T22:56:08.570Z",
  role: "user",
  messages: [{ kind: "text", content: "Hello!" }],
};
const ANSWER = {
  id: "m2",
  timestamp: "2024-03-07T22:56:10Z",
  role: "assistant",
  messages: [
    { kind: "functionCall", name: "queryKnowledgeBase", args: { query: "Why is the sky blue?" } },
    { kind: "functionResponse", name: "queryKnowledgeBase", response: '{\n "kind": "docs",\n "results": []\n}' },
  ],
  state: "error",
  errorDetail: "broken off",
  inReplyToId: "m1",
};
const CONVERSATION = { id: "c1", turns: [QUESTION, ANSWER] };

test("the documented list answer", async () => {
  const pageInfo = { requestedPageSize: 100, requestedOffset: 0, totalResultCount: 1 };
  const { records, problems, notes } = await readInput({ conversations: [CONVERSATION], pageInfo });
  expect(problems).toEqual([]);
  expect(notes).toEqual([]);
  expect(records).toEqual([
    {
      id: "c1",
      createdAt: new Date("2024-03-07T22:56:08.570Z"),
      updatedAt: new Date("2024-03-07T22:56:10.000Z"),
      metadata: {},
      agent: null,
      isolationKey: null,
      revision: null,
      timesMadeUp: false,
      turnIds: "global",
      turns: [
        {
          id: "m1",
          role: "user",
          state: "done",
          timestamp: new Date("2024-03-07T22:56:08.570Z"),
          messages: [{ kind: "text", content: "Hello!", state: "done" }],
          errorDetail: null,
          inReplyToId: null,
          metadata: {},
          revision: null,
        },
        {
          id: "m2",
          role: "assistant",
          state: "error",
          timestamp: new Date("2024-03-07T22:56:10.000Z"),
          messages: [ANSWER.messages[0], { ...ANSWER.messages[1], failed: false }],
          errorDetail: "broken off",
          inReplyToId: "m1",
          metadata: {},
          revision: null,
        },
      ],
    },
  ]);
});

test("fragments are written in the stored order of keys, numbers with their digits", async () => {
  const { turns } = await readOne(
    '{"turns": [{"role": "assistant", "messages": [{"metadata": {"b": 1.0}, "args": {"z": 12345678901234567890, "a": 1e2}, "name": "f", "kind": "functionCall"}]}]}',
  );
  expect(JSON.stringify(turns[0]?.messages)).toBe(
    '[{"kind":"functionCall","name":"f","args":{"z":12345678901234567890,"a":1e2},"metadata":{"b":1.0}}]',
  );
});

test("a bare conversation, JSON Lines of both shapes, and an array", async () => {
  expect((await readOne(CONVERSATION)).id).toBe("c1");
  const lines = [CONVERSATION, { conversations: [{ ...CONVERSATION, id: "c2" }] }].map((value) =>
    JSON.stringify(value),
  );
  expect((await readInput(lines.join("\n"))).records.map(({ id }) => id)).toEqual(["c1", "c2"]);
  expect((await readInput([CONVERSATION, { ...CONVERSATION, id: "c2" }])).records).toHaveLength(2);
});

test("without ids they follow from the content, whatever the order of its keys", async () => {
  const { id: _, ...bare } = CONVERSATION;
  const turns = CONVERSATION.turns.map(({ id: _id, ...turn }) => ({ ...turn, inReplyToId: null }));
  const first = await readOne({ ...bare, turns });
  const again = await readOne({ turns: turns.map((turn) => Object.fromEntries(Object.entries(turn).reverse())) });
  const other = await readOne({ turns: [...turns, QUESTION] });
  expect(first.id).toMatch(/^conv_[0-9a-f]{32}$/);
  expect(first.turns.map(({ id }) => id)).toEqual([expect.stringMatching(/^turn_[0-9a-f]{32}$/), expect.any(String)]);
  expect(again.id).toBe(first.id);
  expect(again.turns.map(({ id }) => id)).toEqual(first.turns.map(({ id }) => id));
  expect(other.id).not.toBe(first.id);
});

test("without times they are made up, the same each time, the last record the newest", async () => {
  const turns = CONVERSATION.turns.map(({ timestamp: _, ...turn }) => turn);
  const list = { conversations: ["c1", "c2", "c3"].map((id) => ({ id, turns })) };
  const { records } = await readInput(list);
  const [first, second, third] = records.map(({ createdAt }) => createdAt.getTime());
  expect(first).toBeLessThan(second ?? 0);
  expect(second).toBeLessThan(third ?? 0);
  expect(records.every(({ timesMadeUp }) => timesMadeUp)).toBe(true);
  expect(records[0]?.turns[0]?.timestamp).toEqual(records[0]?.createdAt);
  expect(records[0]?.turns[1]?.timestamp).toEqual(records[0]?.updatedAt);
  expect((await readInput(list)).records).toEqual(records);
});

test("a conversation without turns", async () => {
  expect((await readOne({ id: "c1", turns: [] })).turns).toEqual([]);
});

test("null counts as absent, unknown fields are counted by their path", async () => {
  const turn = { ...QUESTION, errorDetail: null, inReplyToId: null, state: null, mood: "good" };
  const text = { kind: "text", content: "x", state: null, metadata: null, lang: "en" };
  const { records, problems, notes } = await readInput({
    conversations: [
      {
        id: "c1",
        owner: 1,
        turns: [
          { ...turn, messages: [text, text] },
          { ...turn, id: "m9" },
        ],
      },
    ],
    next: "",
  });
  expect(problems).toEqual([]);
  expect(records[0]?.turns[0]?.messages).toEqual([
    { kind: "text", content: "x", state: "done" },
    { kind: "text", content: "x", state: "done" },
  ]);
  expect(notes).toEqual([
    "left out: unknown field turns[].messages[].lang, 2 times",
    "left out: unknown field turns[].mood, 2 times",
    "left out: unknown field owner, once",
    "left out: unknown field next, once",
  ]);
});

describe("a bad record is named, and the rest goes on:", () => {
  const text = QUESTION.messages[0];
  const call = ANSWER.messages[0];
  test.each<[problem: string, turn: object]>([
    ["turns[0].role: is missing", { ...QUESTION, role: null }],
    ["turns[0].role: must be one of user, assistant", { ...QUESTION, role: "tool" }],
    ["turns[0].messages: is missing", { ...QUESTION, messages: undefined }],
    ["turns[0].messages: must be an array", { ...QUESTION, messages: "Hello" }],
    ["turns[0].messages[0]: must be a JSON object", { ...QUESTION, messages: ["Hello"] }],
    [
      "turns[0].messages[1].kind: must be one of text, functionCall, functionResponse",
      { ...QUESTION, messages: [text, { kind: "image" }] },
    ],
    ["turns[0].messages[0].content: is missing", { ...QUESTION, messages: [{ kind: "text" }] }],
    ["turns[0].messages[0].content: must be a string", { ...QUESTION, messages: [{ kind: "text", content: 1 }] }],
    [
      "turns[0].messages[0].content: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)",
      { ...QUESTION, messages: [{ ...text, content: "a\0b" }] },
    ],
    [
      "turns[0].messages[0].state: must be one of in-progress, done",
      { ...QUESTION, messages: [{ ...text, state: "stopped" }] },
    ],
    ["turns[0].messages[0].args: must be a JSON object", { ...ANSWER, messages: [{ ...call, args: "{}" }] }],
    ["turns[0].messages[0].args: must be a JSON object", { ...ANSWER, messages: [{ ...call, args: [] }] }],
    [
      "turns[0].messages[0].args.a.0: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)",
      { ...ANSWER, messages: [{ ...call, args: { a: ["\ud800"] } }] },
    ],
    [
      "turns[0].messages[0].response: must be a string",
      { ...ANSWER, messages: [{ kind: "functionResponse", name: "f", response: {} }] },
    ],
    [
      "turns[0].messages[0].failed: must be true or false",
      { ...ANSWER, messages: [{ kind: "functionResponse", name: "f", response: "", failed: 0 }] },
    ],
    [
      "turns[0].messages[0].metadata: must be a JSON object",
      { ...QUESTION, messages: [{ ...text, metadata: 12345678901234567890n.toString() }] },
    ],
    ["turns[0].state: must be done on a user turn", { ...QUESTION, state: "in-progress" }],
    ["turns[0].errorDetail: goes with the state error only", { ...ANSWER, state: "stopped" }],
    ["turns[0].inReplyToId: must name a user turn of the same conversation", { ...ANSWER }],
    ["turns[0].inReplyToId: goes with assistant turns only", { ...QUESTION, inReplyToId: "m1" }],
    [
      "turns[0].timestamp: must be an RFC 3339 instant of the years 0001 to 9999",
      { ...QUESTION, timestamp: "yesterday" },
    ],
    ["turns[0].timestamp: must be a string", { ...QUESTION, timestamp: 1709852168 }],
    [
      "turns[0].id: must be 1 to 128 printable ASCII characters, without another kind's prefix (conv_, turn_)",
      { ...QUESTION, id: "conv_1" },
    ],
    [
      "turns[0].id: must be 1 to 128 printable ASCII characters, without another kind's prefix (conv_, turn_)",
      { ...QUESTION, id: "" },
    ],
    ["turns[0].id: is used twice in the conversation", { ...QUESTION, id: "bad" }],
  ])("%s", async (problem, turn) => {
    const { records, problems } = await readInput({
      conversations: [CONVERSATION, { id: "bad", turns: [turn] }, { id: "c3", turns: [] }],
    });
    expect(problems).toEqual([`conversations[1]: ${problem}`]);
    expect(records.map(({ id }) => id)).toEqual(["c1", "c3"]);
  });

  test("one of several turns without a timestamp", async () => {
    const { problems } = await readInput({ id: "c1", turns: [QUESTION, { ...ANSWER, timestamp: null }] });
    expect(problems).toEqual([": turns[1].timestamp: is missing"]);
  });

  test("an id of another kind, a list that is none, a record that is no object", async () => {
    const { problems } = await readInput({
      conversations: [{ ...CONVERSATION, id: "turn_1" }, { id: "c", turns: {} }, 7],
    });
    expect(problems).toEqual([
      "conversations[0]: id: must be 1 to 128 printable ASCII characters, without another kind's prefix (conv_, turn_)",
      "conversations[1]: turns: must be an array",
      "conversations[2]: must be a JSON object",
    ]);
  });
});
