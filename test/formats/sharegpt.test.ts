import { describe, expect, test } from "vitest";

import { outline, readFixture } from "../harness/outline.ts";
import { readInput, readOne } from "../harness/read-input.ts";

const human = { from: "human", value: "Hi" };

test("a data set: calls with their digits, observations, the system prompt", async () => {
  const { records, problems, notes } = await readInput(await readFixture("sharegpt.jsonl"));
  expect([problems, notes]).toEqual([[], []]);
  expect(records.map(({ turns }) => outline(turns))).toEqual([
    ["user: 1 + 2?", 'assistant: add{"a":1,"b":2.50} | add -> 3.50 | 3.50'],
    ["user: Hi", "assistant: Hello"],
  ]);
  expect(records.map(({ metadata }) => metadata)).toEqual([
    { system: "You count.", tools: '[{"name":"add"}]' },
    { system: "Be kind." },
  ]);
  expect(records[0]?.id).toBe("identity_0");
});

describe("conversations are found", () => {
  test.each<[where: string, content: object, count: number]>([
    ["in an array", [{ conversations: [human] }, { conversations: [human, human] }], 2],
    ["alone", { conversations: [human] }, 1],
    ["bare", [human], 1],
  ])("%s", async (_where, content, count) => {
    const { records, problems } = await readInput(content);
    expect(problems).toEqual([]);
    expect(records).toHaveLength(count);
  });
});

describe("a call", () => {
  test.each<[what: string, value: string, line: string]>([
    ["with parameters", '{"name":"f","parameters":{"a":1}}', 'f{"a":1}'],
    ["with an id", '{"id":"c1","name":"f","arguments":"{\\"a\\":1}"}', 'f{"a":1}#c1'],
    ["without arguments", '{"name":"f"}', "f{}"],
    ["of several", '[{"name":"f","arguments":{}},{"name":"g","arguments":{}}]', "f{} | g{}"],
    [
      "that says more",
      '{"name":"f","arguments":{},"why":"x"}',
      'function_call{"arguments":"{\\"name\\":\\"f\\",\\"arguments\\":{},\\"why\\":\\"x\\"}"}',
    ],
    ["that is no JSON", "print(1)", 'function_call{"arguments":"print(1)"}'],
    ["that is an empty list", "[]", 'function_call{"arguments":"[]"}'],
    ["without a name", '{"arguments":{}}', 'function_call{"arguments":"{\\"arguments\\":{}}"}'],
  ])("%s", async (_what, value, line) => {
    const { turns } = await readOne({ conversations: [human, { from: "function_call", value }] });
    expect(outline(turns)).toEqual(["user: Hi", `assistant: ${line}`]);
  });

  test("is answered in order; an observation of no call is named as its speaker", async () => {
    const { turns } = await readOne({
      conversations: [
        { from: "tool_call", value: '[{"name":"f"},{"name":"g"}]' },
        { from: "tool_response", value: "1" },
        { from: "tool", value: "Error: 2" },
        { from: "observation", value: "3" },
      ],
    });
    expect(outline(turns)).toEqual(["assistant: f{} | g{} | f -> 1 | g !> Error: 2 | observation -> 3"]);
  });
});

describe("a bad record is named, and the rest goes on:", () => {
  test.each<[problem: string, message: unknown]>([
    [": must be a JSON object", "Hi"],
    [".from: is missing", { value: "Hi" }],
    [".from: must be a string", { from: 7, value: "Hi" }],
    [".value: must be a string", { from: "gpt", value: ["Hi"] }],
    [".value: is missing", { from: "gpt" }],
    [
      ".value: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)",
      { from: "gpt", value: "\0" },
    ],
  ])("conversations[1]%s", async (problem, message) => {
    const { records, problems } = await readInput(
      [[human], [human, message], [human]].map((conversations) => ({ conversations })),
    );
    expect(problems.map((line) => line.replace(/ one of .*/, " a string"))).toEqual([
      `[1]: conversations[1]${problem}`,
    ]);
    expect(records).toHaveLength(2);
  });

  test("a speaker that is not known", async () => {
    const { problems } = await readInput({ conversations: [human, { from: "toString", value: "x" }] });
    expect(problems).toEqual([expect.stringMatching(/^: conversations\[1\]\.from: must be one of human, user, gpt, /)]);
  });

  test.each<[problem: string, value: object]>([
    ["conversations: must be an array", { conversations: {} }],
    ["conversations: is missing", { system: "x" }],
    ["system: must be a string", { conversations: [human], system: {} }],
  ])("%s", async (problem, value) => {
    expect((await readInput(value, "sharegpt")).problems).toEqual([`: ${problem}`]);
  });
});
