import { describe, expect, test } from "vitest";

import { outline, readFixture } from "../harness/outline.ts";
import { readInput, readOne } from "../harness/read-input.ts";

const OWN = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] };

test("the body of a request: system prompt, parallel calls, a failed result", async () => {
  const { records, problems, notes } = await readInput(await readFixture("anthropic.json"));
  expect(problems).toEqual([]);
  expect(outline(records[0]?.turns)).toEqual([
    "user: What do Assam and Sencha cost?",
    'assistant: Let me see. | price{"tea":"Assam"}#toolu_A | price{"tea":"Sencha"}#toolu_B | price -> 7.50#toolu_A | price !> unknown tea#toolu_B | Assam costs 7.50.',
    "user: And this?",
  ]);
  expect(records[0]?.metadata).toEqual({ system: "You sell tea.", model: "claude-sonnet-4-5", max_tokens: "1024" });
  expect(notes).toEqual([
    "left out: part image, 2 times",
    "left out: reasoning, once",
    "left out: unknown field tools, once",
  ]);
});

describe("messages are told from OpenAI's by their blocks:", () => {
  test.each<[what: string, content: string | object, count: number]>([
    ["bare", [{ role: "user", content: "a" }, OWN], 1],
    ["one a line", [{ role: "user", content: "a" }, OWN].map((message) => JSON.stringify(message)).join("\n"), 1],
    ["in an array", [[OWN], [OWN]], 2],
    [
      "in lines of requests, of which some have no block",
      `{"messages":[{"role":"user","content":"a"}]}\n${JSON.stringify({ messages: [OWN] })}`,
      2,
    ],
  ])("%s", async (_what, content, count) => {
    const { records, problems } = await readInput(content);
    expect(problems).toEqual([]);
    expect(records).toHaveLength(count);
    expect(outline(records.at(-1)?.turns).at(-1)).toBe("assistant: f{}#t1");
  });

  test("a chat message with another's thinking stays one", async () => {
    const call = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
    const message = { role: "assistant", content: [{ type: "thinking", thinking: "hm" }], tool_calls: [call] };
    expect(outline((await readOne([message])).turns)).toEqual(["assistant: f{}#c1"]);
  });
});

describe("content", () => {
  const cited = { citations: [{ type: "char_location" }] };
  test.each<[what: string, content: unknown, line: string]>([
    [
      "in several texts",
      [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
      "a\nb",
    ],
    [
      "divided for citations",
      [
        { type: "text", text: "It is " },
        { type: "text", text: "blue", ...cited },
        { type: "text", text: "." },
      ],
      "It is blue.",
    ],
    ["that is empty", [], ""],
    [
      "of a server's tool",
      [{ type: "server_tool_use", id: "s1", name: "web_search", input: { query: "q" } }],
      'web_search{"query":"q"}#s1',
    ],
    [
      "of its result, by the order of calls",
      [{ type: "web_search_tool_result", tool_use_id: "s1", content: [{ type: "web_search_result", url: "u" }] }],
      'web_search_tool_result -> [{"type":"web_search_result","url":"u"}]#s1',
    ],
    [
      "of its error",
      [
        {
          type: "web_search_tool_result",
          tool_use_id: "s1",
          content: { type: "web_search_tool_result_error", error_code: "x" },
        },
      ],
      'web_search_tool_result !> {"type":"web_search_tool_result_error","error_code":"x"}#s1',
    ],
    ["of a result without content", [{ type: "tool_result", tool_use_id: "s1" }], "tool_result -> #s1"],
    [
      "of a result that is not called an error",
      [{ type: "tool_result", is_error: false, content: "Error: no" }],
      "tool_result -> Error: no",
    ],
    ["of a result that does not say", [{ type: "tool_result", content: "Error: no" }], "tool_result !> Error: no"],
    ["of a call without input", [{ type: "tool_use", name: "f" }], "f{}"],
    ["of a call with a list", [{ type: "tool_use", name: "f", input: [1.0] }], 'f{"arguments":[1]}'],
  ])("%s", async (_what, content, line) => {
    const { records, problems } = await readInput({ messages: [{ role: "assistant", content }] }, "anthropic");
    expect(problems).toEqual([]);
    expect(outline(records[0]?.turns)).toEqual([`assistant: ${line}`]);
  });

  test("of thoughts only is no turn", async () => {
    const { records, notes } = await readInput([
      OWN,
      { role: "assistant", content: [{ type: "redacted_thinking", data: "" }] },
    ]);
    expect(outline(records[0]?.turns)).toEqual(["assistant: f{}#t1"]);
    expect(notes).toEqual(["left out: reasoning, once"]);
  });
});

describe("a bad record is named, and the rest goes on:", () => {
  const block = (given: object) => ({ role: "user", content: [given] });
  test.each<[problem: string, message: unknown]>([
    [": must be a JSON object", "Hi"],
    [".role: must be one of system, user, assistant", { role: "tool", content: "x" }],
    [".content: must be a string", { role: "user", content: 7 }],
    [".content[0]: must be a JSON object", { role: "user", content: [7] }],
    [": says nothing", { role: "user" }],
    [": says nothing that is understood, beside tool_calls", { role: "assistant", tool_calls: [{}] }],
    [".content[0].type: is missing", block({ text: "a" })],
    [".content[0].text: must be a string", block({ type: "text", text: {} })],
    [".content[0].name: is missing", block({ type: "tool_use", input: {} })],
    [
      ".content[0].input.a: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)",
      block({ type: "tool_use", name: "f", input: { a: "\0" } }),
    ],
    [".content[0].is_error: must be true or false", block({ type: "tool_result", is_error: "yes" })],
    [".content[0].tool_use_id: must be a string", block({ type: "tool_result", tool_use_id: {} })],
    [": holds nothing but part image (--repair keeps it without words)", block({ type: "image", source: {} })],
  ])("messages[1]%s", async (problem, message) => {
    const { records, problems } = await readInput([
      { messages: [OWN] },
      { messages: [OWN, message] },
      { messages: [OWN] },
    ]);
    expect(problems).toEqual([`[1]: messages[1]${problem}`]);
    expect(records).toHaveLength(2);
  });

  test.each<[problem: string, request: object]>([
    ["system: must be a string", { messages: [OWN], system: 7 }],
    ["system[0].text: is missing", { messages: [OWN], system: [{}] }],
    ["messages: is missing", { system: "x" }],
    ["holds no messages", { messages: [] }],
  ])("%s", async (problem, request) => {
    expect((await readInput(request, "anthropic")).problems).toEqual([`: ${problem}`]);
  });
});
