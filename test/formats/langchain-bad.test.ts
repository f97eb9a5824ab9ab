import { describe, expect, test } from "vitest";

import { readInput } from "../harness/read-input.ts";

const human = { type: "human", content: "Hi" };
const byConstructor = (name: string, kwargs: object) => ({
  lc: 1,
  type: "constructor",
  id: ["langchain_core", "messages", name],
  kwargs,
});

describe("a bad record is named, and the rest goes on:", () => {
  test.each<[problem: string, message: unknown]>([
    [": must be a JSON object", "Hi"],
    [".role: is missing", { content: "Hi" }],
    ['.type: "robot" is no type of message that is understood', { type: "robot", content: "Hi" }],
    ['.type: "constructor" is no type of message that is understood', { type: "constructor", content: "Hi" }],
    ['.id: "Thing" is no type of message that is understood', byConstructor("Thing", {})],
    [
      ".id: must be an array that ends in the name of a message class",
      { lc: 1, type: "constructor", id: "x", kwargs: {} },
    ],
    [".kwargs: must be a JSON object", { ...byConstructor("AIMessage", {}), kwargs: [] }],
    [".data: must be a JSON object", { type: "ai", data: "Hi" }],
    [".role: is missing", { type: "chat", content: "Hi" }],
    [".content: must be a string", { type: "ai", content: {} }],
    [".content[0].type: is missing", { type: "ai", content: [{ text: "a" }] }],
    [".content[0]: must be a JSON object", { type: "ai", content: [7] }],
    [".tool_calls: must be an array", { type: "ai", content: "", tool_calls: {} }],
    [".tool_calls[0].id: must be a string", { type: "ai", content: "", tool_calls: [{ id: {} }] }],
    [".additional_kwargs: must be a JSON object", { type: "ai", content: "", additional_kwargs: "x" }],
    [".data: says nothing", { type: "human", data: {} }],
    [
      ": holds nothing but part image_url (--repair keeps it without words)",
      { type: "human", content: [{ type: "image_url" }] },
    ],
  ])("messages[1]%s", async (problem, message) => {
    const { records, problems } = await readInput([
      { messages: [human] },
      { messages: [human, message] },
      { messages: [human] },
    ]);
    expect(problems).toEqual([`[1]: messages[1]${problem}`]);
    expect(records).toHaveLength(2);
  });

  test.each<[problem: string, state: object]>([
    ["messages: is missing", { values: 7, thread_id: "t" }],
    ["values.messages: must be an array", { values: { messages: {} } }],
    ["config: must be a JSON object", { config: 7, messages: [human] }],
  ])("%s", async (problem, state) => {
    expect((await readInput(state, "langchain")).problems).toEqual([`: ${problem}`]);
  });
});
