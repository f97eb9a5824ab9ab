import { describe, expect, test } from "vitest";

import { outline, readFixture } from "../harness/outline.ts";
import { readInput, readOne } from "../harness/read-input.ts";

const CALL = { name: "f", args: { a: 1 }, id: "c1", type: "tool_call" };
const human = { type: "human", content: "Hi" };
const byConstructor = (name: string, kwargs: object) => ({
  lc: 1,
  type: "constructor",
  id: ["langchain_core", "messages", name],
  kwargs,
});

test("a state of LangGraph: its thread, its times, calls that stand in the content too", async () => {
  const { records, problems, notes } = await readInput(await readFixture("langgraph.json"));
  expect(problems).toEqual([]);
  const [record] = records;
  expect(outline(record?.turns)).toEqual([
    "user: A room for two",
    'assistant: One moment. | rooms{"beds":2}#toolu_1 | rooms !> full#toolu_1 | We are full.',
  ]);
  expect(record).toMatchObject({
    id: "thread-9",
    createdAt: new Date("2025-02-03T04:05:06.789Z"),
    metadata: { system: "You book rooms.", source: "loop", step: "3", thread_id: "thread-9" },
  });
  expect(record?.turns.map(({ id }) => id)).toEqual(["h1", "run-1"]);
  expect(notes.map((note) => note.replace("left out: unknown field ", ""))).toEqual([
    "values.step, once",
    "values.messages[].response_metadata, once",
    "values.messages[].usage_metadata, once",
    "metadata.writes, once",
  ]);
});

describe("the same messages in every form:", () => {
  const call = { content: "", tool_calls: [CALL] };
  const result = { content: "ok", tool_call_id: "c1", status: "success" };
  const flat = [human, { type: "ai", ...call }, { type: "tool", ...result }];
  test.each<[form: string, content: object, id?: string]>([
    ["flat", flat],
    ["by role", [human, { role: "ai", ...call }, { role: "tool", ...result }]],
    [
      "by role, as OpenAI has them",
      [
        { role: "human", content: "Hi" },
        { role: "assistant", ...call },
        { role: "tool", ...result },
      ],
    ],
    ["of chunks", [human, { type: "AIMessageChunk", ...call }, { type: "ToolMessageChunk", ...result }]],
    [
      "stored",
      [
        { type: "human", data: { content: "Hi", type: "human" } },
        { type: "ai", data: call },
        { type: "tool", data: result },
      ],
    ],
    [
      "by constructor",
      [
        byConstructor("HumanMessage", { content: "Hi", type: "human" }),
        byConstructor("AIMessageChunk", call),
        byConstructor("ToolMessage", result),
      ],
    ],
    [
      "generic, and in the oldest form",
      [
        { type: "generic", data: { content: "Hi", role: "user" } },
        { type: "ai", ...call },
        { type: "tool", ...result },
      ],
    ],
    ["under messages", { messages: flat }],
    ["in a thread", { thread_id: "t", created_at: "2025-01-01T00:00:00Z", values: { messages: flat } }, "t"],
    [
      "in a checkpoint",
      { v: 1, id: "1ef", ts: "2025-01-01T00:00:00+00:00", channel_values: { messages: flat } },
      "1ef",
    ],
    [
      "in a checkpoint with its configuration",
      {
        config: { configurable: { thread_id: "t" } },
        checkpoint: { v: 1, id: "1ef", channel_values: { messages: flat } },
        metadata: { step: 1 },
      },
      "t",
    ],
  ])("%s", async (_form, content, id) => {
    const record = await readOne(content);
    expect(outline(record.turns)).toEqual(["user: Hi", 'assistant: f{"a":1}#c1 | f -> ok#c1']);
    if (id !== undefined) expect(record.id).toBe(id);
  });
});

describe("an AI message", () => {
  test.each<[what: string, message: object, line: string]>([
    ["of streamed pieces", { content: [{ type: "text", text: "He" }, "llo"] }, "Hello"],
    ["in the oldest form", { text: "Hello" }, "Hello"],
    ["of nothing", { content: [] }, ""],
    ["with a call in its content only", { content: [{ type: "tool_call", id: "c1", name: "f", args: {} }] }, "f{}#c1"],
    [
      "with a call of OpenAI's",
      { content: [{ type: "function_call", call_id: "c1", id: "fc_1", name: "f", arguments: "{}" }] },
      "f{}#c1",
    ],
    [
      "with a call between texts",
      { content: ["a", { type: "tool_use", id: "c1", name: "f", input: {} }, "b"], tool_calls: [CALL] },
      'a | f{"a":1}#c1 | b',
    ],
    [
      "with a call that is none",
      { content: "", invalid_tool_calls: [{ name: "f", args: '{"a":', id: "c1", error: "x" }] },
      'f{"arguments":"{\\"a\\":"}#c1',
    ],
    [
      "with its provider's calls",
      { content: "", additional_kwargs: { tool_calls: [{ id: "c1", function: { name: "f", arguments: '{"a":1}' } }] } },
      'f{"a":1}#c1',
    ],
    [
      "with its provider's calls once more",
      {
        content: "",
        tool_calls: [CALL],
        additional_kwargs: { tool_calls: [{ id: "c1", function: { name: "f", arguments: "{}" } }] },
      },
      'f{"a":1}#c1',
    ],
    [
      "with an older call",
      { content: "", additional_kwargs: { function_call: { name: "f", arguments: "{}" } } },
      "f{}",
    ],
    [
      "with a result in it",
      { content: [{ type: "server_tool_result", tool_call_id: "c1", output: { a: 1 }, status: "error" }] },
      'server_tool_result !> {"a":1}#c1',
    ],
  ])("%s", async (_what, message, line) => {
    const { records, problems } = await readInput([human, { type: "ai", ...message }]);
    expect(problems).toEqual([]);
    expect(outline(records[0]?.turns)).toEqual(["user: Hi", `assistant: ${line}`]);
  });

  test("what is no word is left out and counted", async () => {
    const { records, notes } = await readInput([
      { type: "human", content: [{ type: "text", text: "see" }, { type: "image_url", image_url: {} }, "this"] },
      { type: "ai", content: [{ type: "reasoning", reasoning: "hm" }] },
      {
        type: "ai",
        content: [
          { type: "thinking", thinking: "hm" },
          { type: "text", text: "a cat" },
        ],
      },
      { type: "tool", content: "x", name: "f", artifact: { a: 1 } },
      { type: "remove", content: "", id: "m1" },
    ]);
    expect(outline(records[0]?.turns)).toEqual(["user: see\nthis", "assistant: a cat | f -> x"]);
    expect(notes).toEqual(
      ["reasoning, 2 times", "part image_url, once", "artifact, once", "removal of a message, once"].map(
        (note) => `left out: ${note}`,
      ),
    );
  });
});
