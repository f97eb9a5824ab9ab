import { expect, test } from "vitest";

import { itemTexts, takeItems } from "../../src/items/take-items.ts";

/** The stored texts of the items in a body; the fault otherwise. */
function take(body: string) {
  const taken = takeItems(itemTexts(body) ?? []);
  return "fault" in taken ? taken.fault : taken.items.map(({ json }) => json);
}

/** The text with random ids shown as `*`. */
const shown = (json: unknown) => String(json).replace(/([a-z]+_)[0-9a-f]{32}/g, "$1*");

test.each<[what: string, sent: string, stored: string]>([
  [
    "digits, spaces, order and unknown members stay",
    '{ "type":"x_y", "id":"a", "2":1.50, "1":12345678901234567890, "b":"\\u00e9\\"]}" }',
    '{ "type":"x_y", "id":"a", "2":1.50, "1":12345678901234567890, "b":"\\u00e9\\"]}" }',
  ],
  [
    "id, type, status and the part of a text are added",
    '{"role":"user", "content": "a\\n\\"b\\""}',
    '{"id":"msg_*","type":"message","status":"completed","role":"user", "content": [{"type":"input_text","text":"a\\n\\"b\\""}]}',
  ],
  [
    "an assistant's text is an output",
    '{"type":"message","id":"m","status":"incomplete","content":"a","role":"assistant"}',
    '{"type":"message","id":"m","status":"incomplete","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"a"}],"role":"assistant"}',
  ],
  [
    "null stands for none, and is replaced in its place",
    '{"type":null,"role":"user","id":null,"content":[],"status":null}',
    '{"type":"message","role":"user","id":"msg_*","content":[],"status":"completed"}',
  ],
  [
    "no status on other types",
    '{"type":"reasoning","summary":[],"status":null}',
    '{"id":"rs_*","type":"reasoning","summary":[],"status":null}',
  ],
  ["an unknown type", '{"type":"constructor"}', '{"id":"item_*","type":"constructor"}'],
  [
    "a call",
    '{"type":"function_call","call_id":"c","name":"f","arguments":"{"}',
    '{"id":"fc_*","status":"completed","type":"function_call","call_id":"c","name":"f","arguments":"{"}',
  ],
  ["a reference", '{"type":"item_reference","id":"msg_1"}', '{"type":"item_reference","id":"msg_1"}'],
  ["the last of two equal keys counts", '{"type":"x","id":1,"id":null}', '{"type":"x","id":1,"id":"item_*"}'],
])("%s", (_what, sent, stored) => {
  const body = `{"a":[{}],"items":[0], "it\\u0065ms" : [ ${sent} ,\n{"type":"b","id":"b"}],"z":"]}"}`;
  const [first, second] = take(body) as string[];
  expect([shown(first), second]).toEqual([stored, '{"type":"b","id":"b"}']);
  expect(JSON.parse(String(first))).toBeTypeOf("object");
});

const call = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };
const message = { role: "user", content: "a" };
const long = "x".repeat(65);

test.each<[item: unknown, fault: object]>([
  ["a", { code: "invalid_type", param: "items[0]", expected: "an object", got: "a string" }],
  [{}, { code: "missing_required_parameter", param: "items[0].type" }],
  [{ role: "user" }, { code: "missing_required_parameter", param: "items[0].type" }],
  [{ type: 1 }, { code: "invalid_type", param: "items[0].type", expected: "a string", got: "an integer" }],
  [
    { ...message, role: "critic" },
    { code: "invalid_word", param: "items[0].role", value: "critic" },
  ],
  [
    { ...message, type: "message", content: null },
    { code: "missing_required_parameter", param: "items[0].content" },
  ],
  [
    { ...message, content: { a: 1 } },
    { code: "invalid_type", param: "items[0].content", got: "an object" },
  ],
  [
    { ...message, content: ["a"] },
    { code: "invalid_type", param: "items[0].content[0]", got: "a string" },
  ],
  [
    { ...call, call_id: undefined },
    { code: "missing_required_parameter", param: "items[0].call_id" },
  ],
  [
    { ...call, call_id: "" },
    { code: "string_below_min_length", param: "items[0].call_id", least: 1, length: 0 },
  ],
  [
    { ...call, call_id: long },
    { code: "string_above_max_length", param: "items[0].call_id", most: 64, length: 65 },
  ],
  [
    { ...call, arguments: {} },
    { code: "invalid_type", param: "items[0].arguments", got: "an object" },
  ],
  [
    { ...call, name: 1.5 },
    { code: "invalid_type", param: "items[0].name", got: "a decimal" },
  ],
  [
    { type: "function_call_output", call_id: "c" },
    { code: "missing_required_parameter", param: "items[0].output" },
  ],
  [
    { type: "function_call_output", call_id: "c", output: true },
    { code: "invalid_type", param: "items[0].output", got: "a boolean" },
  ],
  [{ type: "item_reference" }, { code: "missing_required_parameter", param: "items[0].id" }],
  [
    { type: "x", id: long },
    { code: "string_above_max_length", param: "items[0].id" },
  ],
  [
    { type: "x", id: "a b" },
    { code: "invalid_value", param: "items[0].id" },
  ],
  [
    { type: "x", id: 1 },
    { code: "invalid_type", param: "items[0].id", got: "an integer" },
  ],
  [
    { ...message, content: [{ type: "y", a: ["\0"] }] },
    { code: "invalid_value", param: "items[0].content[0].a[0]" },
  ],
  [
    { type: "x", a: "\ud800" },
    { code: "invalid_value", param: "items[0].a" },
  ],
])("%j is refused", (item, fault) => {
  expect(take(JSON.stringify({ items: [item] }))).toMatchObject(fault);
});

test("two items with one id are refused", () => {
  expect(take('{"items":[{"type":"x","id":"a"},{"type":"y","id":"a"}]}')).toEqual({
    code: "duplicate",
    param: "items",
    id: "a",
  });
});
