import { describe, expect, test } from "vitest";

import { readInput, readOne } from "../harness/read-input.ts";

const CALL = { id: "call_1", type: "function", function: { name: "add", arguments: '{"a": [1, {"b": 2.50}]}' } };
const TRAJECTORY = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "1 + 2?" },
  { role: "assistant", content: null, tool_calls: [CALL] },
  { role: "tool", tool_call_id: "call_1", name: "add", content: "3" },
  { role: "assistant", content: "It is 3." },
  { role: "user", content: "Thanks" },
];

test("the rule of turns and fragments", async () => {
  const { turns, metadata, agent, timesMadeUp } = await readOne(TRAJECTORY);
  expect(metadata).toEqual({ system: "Be brief." });
  expect(agent).toBeNull();
  expect(timesMadeUp).toBe(true);
  expect(turns.map(({ role, state, inReplyToId }) => [role, state, inReplyToId])).toEqual([
    ["user", "done", null],
    ["assistant", "done", null],
    ["user", "done", null],
  ]);
  expect(JSON.stringify(turns[1]?.messages)).toBe(
    JSON.stringify([
      { kind: "functionCall", name: "add", args: { a: [1, { b: "2.50" }] }, metadata: { callId: "call_1" } },
      { kind: "functionResponse", name: "add", response: "3", failed: false, metadata: { callId: "call_1" } },
      { kind: "text", content: "It is 3.", state: "done" },
    ]).replace('"2.50"', "2.50"),
  );
});

test("a response that begins with Error failed; a tool's name may come from its call", async () => {
  const { turns } = await readOne([
    { role: "assistant", content: "", tool_calls: [CALL] },
    { role: "tool", tool_call_id: "call_1", content: "Error: no" },
    { role: "tool", name: "add", content: "an Error" },
  ]);
  expect(turns[0]?.messages.slice(1)).toEqual([
    { kind: "functionResponse", name: "add", response: "Error: no", failed: true, metadata: { callId: "call_1" } },
    { kind: "functionResponse", name: "add", response: "an Error", failed: false },
  ]);
  expect(turns[0]?.messages).toHaveLength(3);
});

test("content in parts, developer messages, arguments as an object", async () => {
  const parts = [
    { type: "text", text: "a" },
    { type: "text", text: "b" },
  ];
  const { turns, metadata } = await readOne([
    { role: "developer", content: parts },
    { role: "system", content: "c" },
    { role: "user", content: parts },
    { role: "assistant", content: "", tool_calls: null },
    { role: "assistant", tool_calls: [{ function: { name: "f", arguments: {} } }] },
    { role: "assistant", tool_calls: [{ function: { name: "g", arguments: "" } }] },
  ]);
  expect(metadata).toEqual({ system: "a\nb\nc" });
  expect(turns.map(({ messages }) => messages)).toEqual([
    [{ kind: "text", content: "a\nb", state: "done" }],
    [
      { kind: "text", content: "", state: "done" },
      { kind: "functionCall", name: "f", args: {} },
      { kind: "functionCall", name: "g", args: {} },
    ],
  ]);
});

test.each([
  ["traj", { turns: 1 }, { turns: "1" }],
  ["messages", { turns: "many" }, { turns: "many" }],
  ["traj", { turns: null }, {}],
  ["messages", { conversations: [] }, {}],
])("a wrapper around %s that has fields of another format too: %j", async (key, others, expected) => {
  const { metadata, turns } = await readOne({ [key]: [{ role: "user", content: "Hi" }], ...others });
  expect([metadata, turns.length]).toEqual([expected, 1]);
});

describe("trajectories are found", () => {
  test.each<[where: string, content: string | object, count: number]>([
    ["bare", TRAJECTORY, 1],
    ["in an array", [TRAJECTORY, TRAJECTORY.slice(1)], 2],
    ["in JSON Lines", [TRAJECTORY, TRAJECTORY.slice(1)].map((value) => JSON.stringify(value)).join("\r\n"), 2],
    ["under traj", [{ traj: TRAJECTORY, task_id: 1 }], 1],
    ["under messages", { messages: TRAJECTORY }, 1],
    [
      "under messages in JSON Lines",
      `{"messages":[{"role":"user","content":"a"}]}\n\n{"messages":[{"role":"user","content":"b"}]}\n`,
      2,
    ],
  ])("%s", async (_where, content, count) => {
    const { records, problems } = await readInput(content);
    expect(problems).toEqual([]);
    expect(records).toHaveLength(count);
  });
});

test("a wrapper's scalars become metadata as they were written, the rest is counted", async () => {
  const { records, notes } = await readInput(
    '[{"task_id": 7, "reward": 0.0, "id": 12345678901234567890, "ok": true, "note": null, "info": {"a": 1}, "tags": [], "traj": [{"role": "user", "content": "x", "name": "bo"}]}]',
  );
  expect(records[0]?.metadata).toEqual({ task_id: "7", reward: "0.0", id: "12345678901234567890", ok: "true" });
  expect(records[0]?.id).toMatch(/^conv_/);
  expect(notes).toEqual([
    "left out: unknown field traj[].name, once",
    "left out: unknown field info, once",
    "left out: unknown field tags, once",
  ]);
});

test("a wrapper's text id is the conversation's", async () => {
  const record = await readOne({ id: "run 7", messages: TRAJECTORY });
  expect(record.id).toBe("run 7");
  expect(record.metadata).toEqual({ system: "Be brief." });
});

describe("metadata over the limits is left out and said once:", () => {
  const message = { role: "user", content: "x" };
  const many = Object.fromEntries(Array.from({ length: 18 }, (_, index) => [`key${index}`, index]));
  test.each<[what: string, wrapper: object, kept: number, notes: string[]]>([
    ["a value of 512 characters fits, in code points", { a: "😀".repeat(512) }, 1, []],
    ["a value of 513", { a: "x".repeat(513) }, 0, ['left out: metadata "a" (value over 512 characters), once']],
    ["a key of 64 fits", { ["é".repeat(64)]: 1 }, 1, []],
    [
      "a key of 65",
      { ["k".repeat(65)]: 1 },
      0,
      [`left out: metadata "${"k".repeat(65)}" (key over 64 characters), once`],
    ],
    [
      "18 pairs",
      many,
      16,
      ['left out: metadata "key16" (over 16 pairs), once', 'left out: metadata "key17" (over 16 pairs), once'],
    ],
    ["__proto__ is a key like others", JSON.parse('{"__proto__": "x"}'), 1, []],
  ])("%s", async (_what, wrapper, kept, notes) => {
    const result = await readInput([{ ...wrapper, traj: [message] }]);
    expect(Object.keys(result.records[0]?.metadata ?? {})).toHaveLength(kept);
    expect(result.notes).toEqual(notes);
  });

  test("of a system message and a wrapper's field `system` the message stays", async () => {
    const { records, notes } = await readInput({ system: "field", messages: TRAJECTORY });
    expect(records[0]?.metadata).toEqual({ system: "Be brief." });
    expect(notes).toEqual(['left out: metadata "system" (key taken), once']);
  });
});

const UNSTORABLE = "holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)";

describe("a bad record is named, and the rest goes on:", () => {
  const calling = (call: object) => ({ role: "assistant", content: null, tool_calls: [call] });
  test.each<[problem: string, message: unknown]>([
    ["traj[1]: must be a JSON object", "hello"],
    ["traj[1].role: is missing", { content: "x" }],
    [
      "traj[1].role: must be one of system, developer, user, assistant, tool, function",
      { role: "robot", content: "x" },
    ],
    ["traj[1].content: must be a string", { role: "user", content: 7 }],
    [`traj[1].content: ${UNSTORABLE}`, { role: "user", content: "\0" }],
    [
      "traj[1]: holds nothing but part image_url (--repair keeps it without words)",
      { role: "user", content: [{ type: "image_url" }] },
    ],
    ["traj[1]: says nothing", { role: "assistant" }],
    ["traj[1]: says nothing that is understood, beside parts", { role: "assistant", parts: [{ text: "Hello" }] }],
    ["traj[1]: says nothing that is understood, beside body", { role: "assistant", content: null, body: "Hello" }],
    ["traj[1].tool_calls: must be an array", { role: "assistant", tool_calls: {} }],
    ["traj[1].tool_calls[0].function: is missing", calling({ id: "1" })],
    ["traj[1].tool_calls[0].function.name: is missing", calling({ function: { arguments: "{}" } })],
    [
      "traj[1].tool_calls[0].type: a \"magic\" call cannot be kept, only a function's or a custom tool's",
      calling({ type: "magic" }),
    ],
    ["traj[1].tool_calls[0].custom: is missing", calling({ type: "custom" })],
    [
      `traj[1].tool_calls[0].function.arguments.a: ${UNSTORABLE}`,
      calling({ function: { name: "f", arguments: '{"a": "\\u0000"}' } }),
    ],
  ])("%s", async (problem, message) => {
    const good = { role: "user", content: "x" };
    const { records, problems } = await readInput([
      { traj: [good] },
      { traj: [good, message] },
      { traj: [good, good] },
    ]);
    expect(problems).toEqual([`[1]: ${problem}`]);
    expect(records).toHaveLength(2);
  });

  test("no messages at all", async () => {
    const { problems } = await readInput([TRAJECTORY, [], { traj: [] }, { task_id: 1 }]);
    expect(problems).toEqual(["[1]: holds no messages", "[2]: holds no messages", "[3]: traj or messages: is missing"]);
  });
});
