import { describe, expect, test } from "vitest";
import { RecordError } from "../../src/formats/format-errors.ts";
import { readFoundryConversation } from "../../src/formats/foundry.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";
import { parseJson } from "../../src/model/json.ts";

const CONVERSATION = { id: "conv_1", object: "conversation", created_at: 1_741_900_000, metadata: {} };

/** The record that a conversation and its items make, and what was left out. */
function read(items: readonly unknown[], conversation: object = CONVERSATION) {
  const notes = new ReadingNotes();
  const record = readFoundryConversation(conversation, items, notes);
  return { record, turns: record.turns, leftOut: notes.lines() };
}

const message = (role: string, text: string, more: object = {}) => ({
  type: "message",
  id: `msg_${text}`,
  role,
  status: "completed",
  content: [{ type: role === "assistant" ? "output_text" : "input_text", text }],
  ...more,
});

const call = (more: object) => ({
  type: "function_call",
  id: "fc_1",
  call_id: "c1",
  name: "f",
  arguments: "{}",
  ...more,
});
const output = (more: object) => ({ type: "function_call_output", id: "fco_1", call_id: "c1", output: "", ...more });

test("a user message is a turn, and so is all that follows up to the next", () => {
  const { turns, leftOut } = read([
    message("user", "a"),
    message("assistant", "b"),
    call({}),
    output({ output: "Error: none" }),
    message("assistant", "c"),
    message("user", "d"),
    message("user", "e"),
  ]);
  expect(leftOut).toEqual([]);
  expect(turns.map(({ id, role, state, timestamp }) => [id, role, state, timestamp.toISOString()])).toEqual([
    ["msg_a", "user", "done", "2025-03-13T21:06:40.000Z"],
    ["msg_b", "assistant", "done", "2025-03-13T21:06:41.000Z"],
    ["msg_d", "user", "done", "2025-03-13T21:06:42.000Z"],
    ["msg_e", "user", "done", "2025-03-13T21:06:43.000Z"],
  ]);
  const metadata = { callId: "c1" };
  expect(turns[1]?.messages).toEqual([
    { kind: "text", content: "b", state: "done" },
    { kind: "functionCall", name: "f", args: {}, metadata },
    { kind: "functionResponse", name: "f", response: "Error: none", failed: true, metadata },
    { kind: "text", content: "c", state: "done" },
  ]);
});

test("the conversation's own time and metadata, and what the system says", () => {
  const { record } = read([message("system", "Be kind."), message("developer", "Be brief.")], {
    ...CONVERSATION,
    metadata: { topic: "x" },
  });
  expect(record).toMatchObject({
    id: "conv_1",
    createdAt: new Date("2025-03-13T21:06:40Z"),
    updatedAt: new Date("2025-03-13T21:06:40Z"),
    metadata: { topic: "x", system: "Be kind.\nBe brief." },
    turns: [],
  });
});

test("metadata that does not fit is left out and said", () => {
  const { record, leftOut } = read([], {
    ...CONVERSATION,
    metadata: { customer: 123, topic: "x", long: "x".repeat(513) },
  });
  expect(record.metadata).toEqual({ topic: "x" });
  expect(leftOut).toEqual([
    'left out: metadata "customer" (no text), once',
    'left out: metadata "long" (value over 512 characters), once',
  ]);
});

test("a turn is in the state of its last item", () => {
  const states = (status: string) => read([message("assistant", "a"), message("assistant", "b", { status })]).turns;
  // Nothing waits: the items that are there are all there is.
  expect(states("in_progress")[0]).toMatchObject({ state: "done", messages: [{ state: "done" }, { state: "done" }] });
  expect(states("incomplete")[0]).toMatchObject({
    state: "stopped",
    messages: [{ state: "done" }, { state: "in-progress" }],
  });
  expect(states("completed")[0]).toMatchObject({ state: "done", messages: [{ state: "done" }, { state: "done" }] });
});

test("several parts are one text; what is no text is kept in the item", () => {
  const content = [
    { type: "input_text", text: "Look:" },
    { type: "input_image", image_url: "https://example.com/a.png", detail: "auto", file_id: null },
    { type: "refusal", refusal: "No." },
    { type: "output_text", text: "Yes.", annotations: [{ type: "url_citation" }], logprobs: [] },
  ];
  const { turns, leftOut } = read([message("user", "a", { content }), message("user", "b", { content: "plain" })]);
  expect(turns.map(({ messages }) => messages)).toEqual([
    [{ kind: "text", content: "Look:\nNo.\nYes.", state: "done" }],
    [{ kind: "text", content: "plain", state: "done" }],
  ]);
  expect(turns.map(({ items = [] }) => items.map(({ json }) => JSON.parse(json).content))).toEqual([
    [content],
    [[{ type: "input_text", text: "plain" }]],
  ]);
  expect(leftOut).toEqual([]);
});

describe("calls of other tools", () => {
  test.each<[what: string, item: string, fragments: object[]]>([
    [
      "a tool of the service, with every digit",
      '{"type":"file_search_call","id":"fs_1","status":"completed","queries":["a"],"results":[{"score":0.10}],"none":null}',
      [
        {
          kind: "functionCall",
          name: "file_search_call",
          args: { queries: ["a"], results: [{ score: JSON.rawJSON("0.10") }] },
        },
      ],
    ],
    [
      "a custom tool",
      '{"type":"custom_tool_call","id":"ct_1","call_id":"c1","name":"sql","input":"SELECT 1"}',
      [{ kind: "functionCall", name: "sql", args: { input: "SELECT 1" }, metadata: { callId: "c1" } }],
    ],
    [
      "a server's tool that answered",
      '{"type":"mcp_call","id":"m_1","name":"find","arguments":"{\\"n\\":1}","output":"found","error":null}',
      [
        { kind: "functionCall", name: "find", args: { n: 1 } },
        { kind: "functionResponse", name: "find", response: "found", failed: false },
      ],
    ],
    [
      "a server's tool that failed",
      '{"type":"mcp_call","id":"m_1","name":"find","arguments":"","error":{"code":5},"output":null}',
      [
        { kind: "functionCall", name: "find", args: {} },
        { kind: "functionResponse", name: "find", response: '{"code":5}', failed: true },
      ],
    ],
    [
      "arguments that a model wrote badly",
      '{"type":"function_call","id":"fc_1","name":"f","arguments":"{\\"a\\":","status":"incomplete"}',
      [{ kind: "functionCall", name: "f", args: { input: '{"a":' } }],
    ],
    [
      "an answer in parts",
      '{"type":"function_call_output","id":"o_1","output":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]}',
      [{ kind: "functionResponse", name: "function_call_output", response: "a\nb", failed: false }],
    ],
    [
      "an answer that is no text",
      '{"type":"computer_call_output","id":"o_1","output":{"type":"computer_screenshot","file_id":"f"}}',
      [
        {
          kind: "functionResponse",
          name: "computer_call_output",
          response: '{"type":"computer_screenshot","file_id":"f"}',
          failed: false,
        },
      ],
    ],
  ])("%s", (_what, item, fragments) => {
    const { turns, leftOut } = read([parseJson(item)]);
    expect(turns.map(({ messages }) => messages)).toEqual([fragments]);
    expect(leftOut).toEqual([]);
  });

  test("what is neither said nor called is kept in its turn", () => {
    const items = [
      { type: "reasoning", id: "rs_1", summary: [] },
      { type: "mcp_list_tools", id: "ml_1", tools: [] },
      message("assistant", "a"),
      { type: "reasoning", id: "rs_2", summary: [] },
    ];
    const { turns, leftOut } = read([message("user", "q"), ...items]);
    expect(turns.map(({ id, messages }) => [id, messages.length])).toEqual([
      ["msg_q", 1],
      ["msg_a", 1],
    ]);
    expect(turns[1]?.items?.map(({ json, fragments }) => [JSON.parse(json), fragments])).toEqual(
      items.map((item) => [item, item.type === "message" ? 1 : 0]),
    );
    expect(leftOut).toEqual([]);
  });

  test("an item that says nothing that a turn can hold is a turn's all the same", () => {
    const { turns } = read([
      message("user", "a", { content: [{ type: "input_image" }] }),
      call({ arguments: '{"a":"\\u0000"}' }),
    ]);
    expect(turns.map(({ id, messages }) => [id, messages])).toEqual([
      ["msg_a", []],
      ["fc_1", [expect.objectContaining({ args: { input: '{"a":"\\u0000"}' } })]],
    ]);
  });
});

test("a turn whose first item's id cannot be a turn's, or is taken, is called by its place", () => {
  const ids = (...given: (string | undefined)[]) =>
    read(given.map((id) => message("user", "a", { id }))).turns.map(({ id }) => id);
  const [first, second, third, fourth] = ids("conv_1", "ü", undefined, "msg_4");
  expect([first, second, third]).toEqual(Array(3).fill(expect.stringMatching(/^turn_[0-9a-f]{32}$/)));
  expect(new Set([first, second, third]).size).toBe(3);
  expect(fourth).toBe("msg_4");
  expect(ids("msg_1", "msg_1")[1]).toBe(second);
});

describe("what breaks the form is named:", () => {
  test.each<[conversation: object, items: unknown[], message: string]>([
    [{ ...CONVERSATION, id: "turn_1" }, [], "id: must be"],
    [{ ...CONVERSATION, id: null }, [], "id: is missing"],
    [{ ...CONVERSATION, created_at: "now" }, [], "created_at: must be"],
    [{ ...CONVERSATION, created_at: undefined }, [], "created_at: is missing"],
    [{ ...CONVERSATION, object: "response" }, [], "object: must be one of conversation"],
    [{ ...CONVERSATION, metadata: "a" }, [], "metadata: must be a JSON object"],
    [CONVERSATION, ["text"], "items[0]: must be a JSON object"],
    [CONVERSATION, [{ type: "message", content: [] }], "items[0].role: is missing"],
    [CONVERSATION, [message("critic", "a")], "items[0].role: must be one of system, developer, user, assistant"],
    [CONVERSATION, [output({ output: "\ud800" })], "items[0].output: holds a NUL or half of a surrogate pair"],
  ])("%j with %j", (conversation, items, problem) => {
    expect(() => read(items, conversation)).toThrow(RecordError);
    expect(() => read(items, conversation)).toThrow(problem);
  });
});
