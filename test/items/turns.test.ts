import { expect, test } from "vitest";

import { itemsToTurns, type KnownCall, type LastTurn } from "../../src/items/items-to-turns.ts";
import { takeItems } from "../../src/items/take-items.ts";

/** What the items make, each turn as its state and what it says. */
function project(items: object[], last: LastTurn | null = null, known: KnownCall[] = []) {
  const taken = takeItems(items.map((item) => JSON.stringify(item)));
  if ("fault" in taken) throw new Error(JSON.stringify(taken.fault));
  const { joined, begun, placed } = itemsToTurns(taken.items, last, known);
  const turns = begun.map(({ role, state, messages }) => [role, state, ...messages]);
  return { joined, turns, places: placed.map(({ turn, fragments }) => [turn, fragments]) };
}

const user = (text: string) => ({ role: "user", content: text });
const assistant = (text: string, more = {}) => ({ role: "assistant", content: text, ...more });
const call = (id: string, more = {}) => ({ type: "function_call", call_id: id, name: "f", arguments: "{}", ...more });
const output = (id: string, more = {}) => ({ type: "function_call_output", call_id: id, output: "1", ...more });
const text = (content: string, state = "done") => ({ kind: "text", content, state });

test("a user message is a turn, all that follows is one, and instructions stand beside", () => {
  const reasoning = { type: "reasoning", summary: [] };
  const items = [
    { role: "system", content: "s" },
    user("q"),
    reasoning,
    assistant("a"),
    { role: "developer", content: "d" },
    call("c"),
    output("c"),
    user("r"),
  ];
  expect(project(items)).toEqual({
    joined: null,
    turns: [
      ["user", "done", text("q")],
      [
        "assistant",
        "done",
        text("a"),
        { kind: "functionCall", name: "f", args: {}, metadata: { callId: "c" } },
        { kind: "functionResponse", name: "f", response: "1", failed: false, metadata: { callId: "c" } },
      ],
      ["user", "done", text("r")],
    ],
    places: [
      [0, null],
      [1, 1],
      [2, 0],
      [2, 1],
      [2, null],
      [2, 1],
      [2, 1],
      [3, 1],
    ],
  });
});

test("an item joins the last turn where that is an assistant's of items", () => {
  const last = { position: 4, role: "assistant", ofItems: true } as const;
  const known = [{ position: 2, callId: "c", type: "custom_tool_call", name: "g" }];
  const response = { kind: "functionResponse", name: "g", response: "1", failed: false, metadata: { callId: "c" } };
  expect(project([output("c")], last, known)).toMatchObject({
    joined: { messages: [response], state: "done" },
    turns: [],
  });
  expect(project([{ type: "reasoning" }], last)).toMatchObject({
    joined: { messages: [], state: null },
    places: [[0, 0]],
  });
  expect(project([output("c")], { ...last, ofItems: false }, known)).toMatchObject({ joined: null, places: [[1, 1]] });
  expect(project([assistant("a")], { ...last, role: "user" })).toMatchObject({ joined: null, places: [[1, 1]] });
});

test.each<[item: object, fragments: unknown[]]>([
  [
    call("c", { arguments: "[1]" }),
    [{ kind: "functionCall", name: "f", args: { input: "[1]" }, metadata: { callId: "c" } }],
  ],
  [call("c", { arguments: '{"a":"\\u0000"}' }), [expect.objectContaining({ args: { input: '{"a":"\\u0000"}' } })]],
  [call("c", { arguments: " " }), [expect.objectContaining({ args: {} })]],
  [
    { type: "web_search_call", id: "w", action: { a: 1 } },
    [{ kind: "functionCall", name: "web_search_call", args: { action: { a: 1 } } }],
  ],
  [
    { type: "custom_tool_call", call_id: "c", name: "g", input: "i" },
    [expect.objectContaining({ name: "g", args: { input: "i" } })],
  ],
  [{ type: "image_generation_call", result: "AAAA", size: "1" }, [expect.objectContaining({ args: { size: "1" } })]],
  [
    { type: "mcp_call", name: "g", arguments: "{}", error: "no" },
    [
      expect.objectContaining({ kind: "functionCall" }),
      { kind: "functionResponse", name: "g", response: "no", failed: true },
    ],
  ],
  [output("x", { status: "failed" }), [expect.objectContaining({ name: "function_call_output", failed: true })]],
  [
    output("x", {
      output: [
        { type: "input_text", text: "a" },
        { type: "input_image", file_id: "f" },
      ],
    }),
    [expect.objectContaining({ response: "a" })],
  ],
  [output("x", { output: [{ type: "z" }] }), [expect.objectContaining({ response: '[{"type":"z"}]' })]],
  [{ role: "assistant", content: [{ type: "input_image" }] }, []],
  [{ type: "mcp_approval_request" }, []],
  [{ type: "compaction" }, []],
])("the fragments of %j", (item, fragments) => {
  expect(project([item]).turns).toEqual([["assistant", "done", ...fragments]]);
});

test("a turn is stopped while its last message is incomplete", () => {
  const cut = assistant("a", { status: "incomplete" });
  expect(project([cut]).turns).toEqual([["assistant", "stopped", text("a", "in-progress")]]);
  expect(project([cut, { type: "reasoning" }]).turns[0]?.[1]).toBe("stopped");
  expect(project([cut, assistant("b")]).turns[0]?.[1]).toBe("done");
  expect(project([assistant("a", { status: "in_progress" })]).turns).toEqual([["assistant", "done", text("a")]]);
});
