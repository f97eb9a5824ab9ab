import { describe, expect, test } from "vitest";

import { outline, readFixture } from "../harness/outline.ts";
import { readInput, readOne } from "../harness/read-input.ts";

const user = { id: "u", role: "user", parts: [{ type: "text", text: "Hi" }] };
const says = (...parts: unknown[]) => [user, { id: "a", role: "assistant", parts }];
const tool = (given: object) => ({ type: "tool-f", toolCallId: "c", input: { a: 1 }, ...given });

test("a chat as useChat sends it: times in the metadata, parts of all kinds", async () => {
  const { records, problems, notes } = await readInput(await readFixture("ui-messages.json"));
  expect(problems).toEqual([]);
  const [record] = records;
  expect(outline(record?.turns)).toEqual([
    "user: Weather in Oslo and Rome?",
    'assistant (in-progress): I ask. | weather{"city":"Oslo"}#c1 | weather -> {"celsius":-3}#c1 | mcp weather{"city":"Rome"}#c2 | mcp weather !> timeout#c2 | Oslo has -3 °C.…',
  ]);
  expect(record).toMatchObject({ id: "chat-7", createdAt: new Date(1_751_000_000_000), timesMadeUp: false });
  expect(record?.turns.map(({ id, timestamp }) => [id, timestamp.getTime()])).toEqual([
    ["u1", 1_751_000_000_000],
    ["a1", 1_751_000_001_000],
  ]);
  expect(notes).toEqual([
    "left out: part file, once",
    "left out: reasoning, once",
    "left out: part source-url, once",
    "left out: part data-weather, once",
    "left out: unknown field messages[].metadata.model, once",
  ]);
});

describe("chats are found", () => {
  test.each<[where: string, content: string | object, count: number]>([
    ["bare", says(), 1],
    ["with a message of an older version", [{ role: "user", content: "a" }, user], 1],
    ["in an array", [{ messages: says() }, { messages: says() }], 2],
    ["in JSON Lines", [{ messages: says() }, { messages: says() }].map((chat) => JSON.stringify(chat)).join("\n"), 2],
  ])("%s", async (_where, content, count) => {
    const { records, problems } = await readInput(content);
    expect(problems).toEqual([]);
    expect(records).toHaveLength(count);
  });
});

describe("a tool's part", () => {
  test.each<[what: string, part: object, line: string]>([
    [
      "whose input streams",
      tool({ state: "input-streaming", input: undefined, rawInput: '{"a":' }),
      ' (in-progress): f{"arguments":"{\\"a\\":"}#c',
    ],
    ["that is called", tool({ state: "input-available" }), ': f{"a":1}#c'],
    ["that waits for approval", tool({ state: "approval-requested", approval: { id: "p" } }), ': f{"a":1}#c'],
    [
      "that was refused",
      tool({ state: "output-denied", approval: { id: "p", approved: false, reason: "no" } }),
      ': f{"a":1}#c | f !> no#c',
    ],
    [
      "that gave text",
      tool({ state: "output-available", output: "Error: as it is" }),
      ': f{"a":1}#c | f -> Error: as it is#c',
    ],
    ["that gave nothing", tool({ state: "output-available" }), ': f{"a":1}#c | f -> #c'],
    ["that gave a number", tool({ state: "output-available", output: 0 }), ': f{"a":1}#c | f -> 0#c'],
    ["that failed", tool({ state: "output-error", errorText: "boom" }), ': f{"a":1}#c | f !> boom#c'],
    [
      "that failed by its input",
      tool({ state: "output-error", input: null, rawInput: { b: 2 }, errorText: "boom" }),
      ': f{"b":2}#c | f !> boom#c',
    ],
    ["in a state of the future", tool({ state: "output-cached", output: [1] }), ': f{"a":1}#c | f -> [1]#c'],
    [
      "that is dynamic",
      { ...tool({ state: "input-available" }), type: "dynamic-tool", toolName: "g h" },
      ': g h{"a":1}#c',
    ],
    ["whose name has a dash", { ...tool({ state: "input-available" }), type: "tool-a-b" }, ': a-b{"a":1}#c'],
    [
      "of version 4",
      {
        type: "tool-invocation",
        toolInvocation: { state: "result", step: 0, toolCallId: "c", toolName: "f", args: {}, result: { ok: true } },
      },
      ': f{}#c | f -> {"ok":true}#c',
    ],
  ])("%s", async (_what, part, line) => {
    const { turns } = await readOne(says(part));
    expect(outline(turns)).toEqual(["user: Hi", `assistant${line}`]);
  });
});

describe("a message", () => {
  test.each<[what: string, message: object, line: string]>([
    [
      "with two texts has two",
      {
        parts: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      ": a | b",
    ],
    ["without parts", { parts: [] }, ": "],
    ["whose parts say nothing", { parts: [{ type: "step-start" }, { type: "text", text: "" }] }, ": "],
    ["that is being written", { parts: [{ type: "text", text: "a", state: "streaming" }] }, " (in-progress): a…"],
    [
      "of version 4",
      { content: "a", toolInvocations: [{ state: "call", toolCallId: "c", toolName: "f", args: {} }] },
      ": a | f{}#c",
    ],
  ])("%s", async (_what, message, line) => {
    const { turns } = await readOne([user, { role: "assistant", ...message }]);
    expect(outline(turns)).toEqual(["user: Hi", `assistant${line}`]);
  });

  test("of reasoning only is no turn; one of the system is the system prompt", async () => {
    const system = { role: "system", parts: [{ type: "text", text: "Be kind." }] };
    const { records, notes } = await readInput([
      system,
      ...says({ type: "step-start" }, { type: "reasoning", text: "hm" }),
    ]);
    expect([outline(records[0]?.turns), records[0]?.metadata]).toEqual([["user: Hi"], { system: "Be kind." }]);
    expect(notes).toEqual(["left out: reasoning, once"]);
  });
});

describe("a bad record is named, and the rest goes on:", () => {
  test.each<[problem: string, message: unknown]>([
    [": must be a JSON object", "Hi"],
    [".role: must be one of system, user, assistant", { role: "data", parts: [] }],
    [".parts: must be an array", { role: "user", parts: {} }],
    [".parts[0]: must be a JSON object", { role: "user", parts: ["Hi"] }],
    [".parts[0].type: must be a string", { role: "user", parts: [{ type: 7 }] }],
    [".parts[0].text: is missing", { role: "user", parts: [{ type: "text" }] }],
    [
      ".parts[0].state: must be one of streaming, done",
      { role: "user", parts: [{ type: "text", text: "a", state: "x" }] },
    ],
    [".parts[0].toolName: is missing", { role: "user", parts: [{ type: "dynamic-tool" }] }],
    [".parts[0].toolCallId: must be a string", { role: "user", parts: [tool({ toolCallId: [] })] }],
    [".parts[0].errorText: must be a string", { role: "user", parts: [tool({ errorText: {} })] }],
    [
      ".parts[0].output.a: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)",
      { role: "user", parts: [tool({ output: { a: "\ud800" } })] },
    ],
    [
      ": holds nothing but part file (--repair keeps it without words)",
      { role: "user", parts: [{ type: "file", url: "" }] },
    ],
    [": says nothing", { role: "user" }],
  ])("messages[1]%s", async (problem, message) => {
    const { records, problems } = await readInput([
      { messages: [user] },
      { messages: [user, message] },
      { messages: [user] },
    ]);
    expect(problems).toEqual([`[1]: messages[1]${problem}`]);
    expect(records).toHaveLength(2);
  });
});
