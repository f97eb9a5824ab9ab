import fc from "fast-check";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }).filter((chosen) => !chosen.includes("\0")),
  fc.constantFrom("", "Error: no", "[]", "null", '{"a":1.50}', "line\nline"),
);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
/** The arguments of a call, as models write them. */
const written = fc.constantFrom("", " ", "{}", "null", '{"a":1.50,"2":"b","1":[]}');
const status = maybe(fc.constantFrom("completed", "incomplete"));
const callId = fc.constantFrom("c1", "c2", "c3");
const name = fc.constantFrom("f", "g", "ü");
const part = fc.oneof(
  fc.record({ type: fc.constantFrom("input_text", "output_text", "text", "summary_text"), text }),
  fc.record({ type: fc.constant("refusal"), refusal: text }),
);

/** Items of which import and pull know all, so that all ways make the same turns of them. */
export const sayableItem: fc.Arbitrary<object> = fc.oneof(
  fc.record({ role: fc.constantFrom("user", "assistant", "system", "developer"), content: text, status }),
  fc.record({
    type: fc.constant("message"),
    role: fc.constantFrom("user", "assistant"),
    content: fc.array(part, { minLength: 1, maxLength: 3 }),
    status,
  }),
  fc.record({ type: fc.constant("function_call"), call_id: callId, name, arguments: written, status }),
  fc.record({
    type: fc.constant("function_call_output"),
    call_id: callId,
    output: fc.oneof(text, fc.array(part, { maxLength: 2 })),
  }),
  fc.record({ type: fc.constant("custom_tool_call"), call_id: callId, name, input: text }),
  fc.record({ type: fc.constant("custom_tool_call_output"), call_id: callId, output: text }),
  fc.record({ type: fc.constant("web_search_call"), action: fc.record({ query: text }) }),
  fc.record({ type: fc.constant("mcp_call"), name, arguments: written, output: maybe(text), error: maybe(text) }),
);

/** Items of any kind, those that say nothing among them. */
export const anyItem: fc.Arbitrary<object> = fc.oneof(
  { weight: 3, arbitrary: sayableItem },
  fc.record({ type: fc.constantFrom("reasoning", "compaction", "mcp_approval_request", "x"), more: fc.jsonValue() }),
  fc.record({ role: fc.constantFrom("user", "assistant"), content: fc.constant([{ type: "input_image" }]) }),
);
