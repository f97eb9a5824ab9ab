import { functionCall, functionOutput, user } from "../harness/conversations-api.ts";

const ITEMS = "/:id/items";
const missing = (param: string) => `Missing required parameter: '${param}'.`;
const wrongType = (param: string, expected: string, got: string) =>
  `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`;
const tooLong = (param: string, most: number, length: number) =>
  `Invalid '${param}': string too long. Expected a string with maximum length ${most}, but got a string with length ${length} instead.`;
const duplicate = (of: string) =>
  `Duplicate item found with id ${of}. Remove duplicate items from your input and try again.`;
export const noItem = (item: string) => `Item with id '${item}' not found in conversation.`;
export const noConversation = (of: string) => `Conversation with id '${of}' not found.`;
const long = "x".repeat(65);
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));
const NUL = "Invalid 'PARAM'. Expected text without NUL and without halves of surrogate pairs.";

type Row = [path: string, body: unknown, code: string | null, param: string | null, message: string | RegExp];

const INVALID_JSON = /^We could not parse the JSON body of your request: /;
/** POSTs that are refused with 400, and how. */
export const REFUSED: Row[] = [
  ...["{", "x", "{} {}", '{"items":[}', `${"[".repeat(3000)}${"]".repeat(3000)}`, "[]", "1", "null", '"a"'].map(
    (body): Row => [ITEMS, body, "invalid_json", null, INVALID_JSON],
  ),
  ["/:id", {}, "missing_required_parameter", "metadata", missing("metadata")],
  ["/:id", { metadata: null }, "invalid_type", "metadata", wrongType("metadata", "an object", "null")],
  ["/:id", { metadata: [] }, "invalid_type", "metadata", wrongType("metadata", "an object", "an array")],
  ["", { metadata: "x" }, "invalid_type", "metadata", wrongType("metadata", "an object", "a string")],
  [
    "",
    { metadata: pairs(24) },
    "object_above_max_properties",
    "metadata",
    "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 24 properties instead.",
  ],
  [
    "/:id",
    { metadata: { a: "x".repeat(695) } },
    "string_above_max_length",
    "metadata.a",
    tooLong("metadata.a", 512, 695),
  ],
  ["/:id", { metadata: { a: 1 } }, "invalid_type", "metadata.a", wrongType("metadata.a", "a string", "an integer")],
  ["/:id", { metadata: { a: 1.5 } }, "invalid_type", "metadata.a", wrongType("metadata.a", "a string", "a decimal")],
  ["/:id", { metadata: { a: true } }, "invalid_type", "metadata.a", wrongType("metadata.a", "a string", "a boolean")],
  ["/:id", { metadata: { a: "\0" } }, "invalid_value", "metadata.a", NUL],
  [
    "/:id",
    { metadata: { [long]: "" } },
    "string_above_max_length",
    `metadata.${long}`,
    /key too long.* length 65 instead\.$/,
  ],
  [ITEMS, {}, "missing_required_parameter", "items", missing("items")],
  [ITEMS, { items: null }, "missing_required_parameter", "items", missing("items")],
  [ITEMS, { items: {} }, "invalid_type", "items", wrongType("items", "an array of objects", "an object")],
  [
    ITEMS,
    { items: Array.from({ length: 1001 }, () => user("x")) },
    "array_above_max_length",
    "items",
    "Invalid 'items': array too long. Expected an array with maximum length 1000, but got an array with length 1001 instead.",
  ],
  [ITEMS, { items: [1] }, "invalid_type", "items[0]", wrongType("items[0]", "an object", "an integer")],
  [ITEMS, { items: [{}] }, "missing_required_parameter", "items[0].type", missing("items[0].type")],
  [
    "",
    { items: [user("a"), { role: "user" }] },
    "missing_required_parameter",
    "items[1].type",
    missing("items[1].type"),
  ],
  [
    ITEMS,
    { items: [{ type: 1 }] },
    "invalid_type",
    "items[0].type",
    wrongType("items[0].type", "a string", "an integer"),
  ],
  [
    ITEMS,
    { items: [{ type: "message", content: "" }] },
    "missing_required_parameter",
    "items[0].role",
    missing("items[0].role"),
  ],
  [
    ITEMS,
    { items: [{ type: "message", role: "user" }] },
    "missing_required_parameter",
    "items[0].content",
    missing("items[0].content"),
  ],
  [
    ITEMS,
    { items: [{ role: "robot", content: "" }] },
    "invalid_value",
    "items[0].role",
    /^Invalid value: 'robot'\. Supported values are: /,
  ],
  [
    ITEMS,
    { items: [{ role: "user", content: 1 }] },
    "invalid_type",
    "items[0].content",
    /^Invalid type for 'items\[0\]\.content': /,
  ],
  [
    ITEMS,
    { items: [{ type: "function_call", name: "f", arguments: "" }] },
    "missing_required_parameter",
    "items[0].call_id",
    missing("items[0].call_id"),
  ],
  [
    ITEMS,
    { items: [functionCall(long, "f")] },
    "string_above_max_length",
    "items[0].call_id",
    tooLong("items[0].call_id", 64, 65),
  ],
  [ITEMS, { items: [functionCall("", "f")] }, "string_below_min_length", "items[0].call_id", /string too short/],
  [
    ITEMS,
    { items: [{ type: "function_call", call_id: "c", arguments: "" }] },
    "missing_required_parameter",
    "items[0].name",
    missing("items[0].name"),
  ],
  [
    ITEMS,
    { items: [{ ...functionCall("c", "f"), arguments: {} }] },
    "invalid_type",
    "items[0].arguments",
    wrongType("items[0].arguments", "a string", "an object"),
  ],
  [
    ITEMS,
    { items: [{ type: "function_call_output", call_id: "c" }] },
    "missing_required_parameter",
    "items[0].output",
    missing("items[0].output"),
  ],
  [
    ITEMS,
    { items: [{ ...functionOutput("c", ""), output: 1 }] },
    "invalid_type",
    "items[0].output",
    /^Invalid type for 'items\[0\]\.output': /,
  ],
  [
    ITEMS,
    { items: [{ ...user(""), id: long }] },
    "string_above_max_length",
    "items[0].id",
    tooLong("items[0].id", 64, 65),
  ],
  [ITEMS, { items: [{ ...user(""), id: "a b" }] }, "invalid_value", "items[0].id", /^Invalid 'items\[0\]\.id'/],
  [
    ITEMS,
    { items: [{ ...user(""), id: 1 }] },
    "invalid_type",
    "items[0].id",
    wrongType("items[0].id", "a string", "an integer"),
  ],
  [
    ITEMS,
    { items: [{ ...user(""), content: [{ type: "input_text", text: "a\0" }] }] },
    "invalid_value",
    "items[0].content[0].text",
    NUL,
  ],
  [ITEMS, '{"items":[{"type":"x","y":"\\ud800"}]}', "invalid_value", "items[0].y", NUL],
  [
    ITEMS,
    {
      items: [
        { ...user(""), id: "a" },
        { ...user(""), id: "a" },
      ],
    },
    null,
    "items",
    duplicate("a"),
  ],
  [ITEMS, { items: [user("new"), { ...user(""), id: "msg_first" }] }, null, "items", duplicate("msg_first")],
  ["", `{"items":[{"type":"x","y":[${"0,".repeat(600_000)}0]}]}`, "invalid_json", null, INVALID_JSON],
];
