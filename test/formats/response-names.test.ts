import { expect, test } from "vitest";

import { readOne } from "../harness/read-input.ts";

const ask = { role: "user", content: "?" };
const call = (id: string | undefined, name: string) => ({ id, type: "function", function: { name, arguments: "{}" } });
const calling = (...calls: object[]) => ({ role: "assistant", content: null, tool_calls: calls });
const tool = (tool_call_id: string | undefined, name?: string) => ({ role: "tool", tool_call_id, name, content: "" });

test.each<[what: string, messages: object[], names: string[]]>([
  ["in order, of two calls with one id", [calling(call("a", "f"), call("a", "g")), tool("a"), tool("a")], ["f", "g"]],
  ["in order, of calls with empty ids", [calling(call("", "f"), call("", "g")), tool(""), tool("")], ["f", "g"]],
  ["in order, of calls without ids", [calling(call(undefined, "f"), call("", "g")), tool(""), tool("")], ["f", "g"]],
  [
    "of ids that cross, each after its own",
    [calling(call("a", "f"), call("b", "g")), tool("b"), tool("a")],
    ["g", "f"],
  ],
  [
    "after the later turn's call, where that uses an id again",
    [calling(call("a", "f")), ask, calling(call("a", "g")), tool("a")],
    ["g"],
  ],
  ["after a call of an earlier turn", [calling(call("a", "f"), call("a", "g")), ask, tool("a"), tool("a")], ["f", "g"]],
  ["after its call each time it comes", [calling(call("a", "f")), tool("a"), tool("a")], ["f", "f"]],
  ["by its own name before all", [calling(call("a", "f")), tool("a", "h")], ["h"]],
  [
    "by its own name, which takes the call of that name",
    [calling(call("a", "f"), call("a", "g")), tool("a", "g"), tool("a")],
    ["g", "f"],
  ],
  ["after the one open call, where it names none", [calling(call("a", "f")), tool(undefined)], ["f"]],
  ["after the one open call, where it names no known one", [calling(call("a", "f")), tool("x")], ["f"]],
  ["by its own name beside an open call of another", [calling(call("a", "f")), tool("x", "h"), tool("y")], ["h", "f"]],
  [
    "by nothing, where two calls are open",
    [calling(call("a", "f"), call("b", "g")), tool("x")],
    ["function_call_output"],
  ],
  ["by nothing, where none is", [ask, tool("x")], ["function_call_output"]],
  [
    "by nothing, where the open one is of an earlier turn",
    [calling(call("a", "f")), ask, tool("x")],
    ["function_call_output"],
  ],
])("a response is named %s", async (_what, messages, names) => {
  const { turns } = await readOne(messages);
  const responses = turns.flatMap((turn) => turn.messages).filter(({ kind }) => kind === "functionResponse");
  expect(responses.map((fragment) => "name" in fragment && fragment.name)).toEqual(names);
});
