import { describe, expect, test } from "vitest";

import { outline, readFixture } from "../harness/outline.ts";
import { readInput, readOne } from "../harness/read-input.ts";

const user = { role: "user", parts: [{ text: "Hi" }] };
const model = (...parts: unknown[]) => [user, { role: "model", parts }];

test("the body of a request: pieces of one text, calls, what they gave back", async () => {
  const { records, problems, notes } = await readInput(await readFixture("gemini.json"));
  expect(problems).toEqual([]);
  expect(outline(records[0]?.turns)).toEqual([
    "user: How many live there?",
    [
      'assistant: That is Paris. | population{"city":"Paris"}#f1 | population{"city":"Lyon"} | population -> 2.1 million#f1',
      'population !> no data | code_execution{"language":"PYTHON","code":"print(1)"} | code_execution -> 1\n | 2.1 million.',
    ].join(" | "),
  ]);
  expect(records[0]?.metadata).toEqual({ system: "You know cities." });
  expect(notes).toEqual([
    "left out: part inlineData, once",
    "left out: reasoning, once",
    "left out: unknown field generationConfig, once",
  ]);
});

describe("contents are found", () => {
  test.each<[where: string, content: string | object, count: number]>([
    ["bare", model({ text: "a" }), 1],
    ["in an array of requests", [{ contents: [user] }, { contents: [user] }], 2],
    ["in JSON Lines", '{"contents":[{"parts":[{"text":"a"}]}]}\n{"contents":[{"parts":[{"text":"a"}]}]}', 2],
    ["with a system instruction that is text", { contents: [user], system_instruction: "x" }, 1],
    ["with one in the other spelling", { contents: [user], system_instruction: { parts: [{ text: "x" }] } }, 1],
  ])("%s", async (_where, content, count) => {
    const { records, problems } = await readInput(content);
    expect(problems).toEqual([]);
    expect(records).toHaveLength(count);
    if (typeof content === "object" && "system_instruction" in content)
      expect(records[0]?.metadata).toEqual({ system: "x" });
  });
});

describe("a content", () => {
  test.each<[what: string, parts: unknown[], line: string]>([
    ["of a call in the other spelling", [{ function_call: { name: "f", args: { a: 1 } } }], 'f{"a":1}'],
    ["of a call without arguments", [{ functionCall: { name: "f" } }], "f{}"],
    [
      "of a response that is an object",
      [{ functionResponse: { name: "f", response: { a: 1, b: [2] } } }],
      'f -> {"a":1,"b":[2]}',
    ],
    [
      "of a response under result",
      [{ function_response: { name: "f", response: { result: { a: 1 } } } }],
      'f -> {"a":1}',
    ],
    ["of a response without name", [{ functionResponse: { response: { "": 1 } } }], 'functionResponse -> {"":1}'],
    ["of an empty response", [{ functionResponse: { name: "f" } }], "f -> "],
    ["of a response that is text", [{ functionResponse: { name: "f", response: "Error: x" } }], "f !> Error: x"],
    [
      "of code that failed",
      [{ code_execution_result: { outcome: "OUTCOME_FAILED", output: "x" } }],
      "code_execution !> x",
    ],
    [
      "of a server's tool",
      [
        { toolCall: { id: "s", toolType: "GOOGLE_SEARCH", args: {} } },
        { toolResponse: { id: "s", toolType: "GOOGLE_SEARCH" } },
      ],
      "GOOGLE_SEARCH{}#s | GOOGLE_SEARCH -> #s",
    ],
    ["of a text that is no thought", [{ text: "a", thought: false }], "a"],
    ["of nothing", [], ""],
  ])("%s", async (_what, parts, line) => {
    const { records, problems } = await readInput({ contents: model(...parts) }, "gemini");
    expect(problems).toEqual([]);
    expect(outline(records[0]?.turns)).toEqual(["user: Hi", `assistant: ${line}`]);
  });

  test("of several texts of a user has them one below the other; one of thoughts is no turn", async () => {
    const contents = [
      { parts: [{ text: "a" }, { text: "b" }] },
      { role: "model", parts: [{ text: "hm", thought: true }] },
    ];
    const { records, notes } = await readInput(contents);
    expect(outline(records[0]?.turns)).toEqual(["user: a\nb"]);
    expect(notes).toEqual(["left out: reasoning, once"]);
  });

  test("of a function's response goes on with the answer, whatever its role", async () => {
    const call = { functionCall: { name: "f" } };
    const response = { functionResponse: { name: "f", response: { output: "x" } } };
    for (const role of ["user", "function"]) {
      const { turns } = await readOne([
        ...model(call),
        { role, parts: [response] },
        { role: "model", parts: [{ text: "y" }] },
      ]);
      expect(outline(turns)).toEqual(["user: Hi", "assistant: f{} | f -> x | y"]);
    }
  });
});

describe("a bad record is named, and the rest goes on:", () => {
  const content = (part: unknown) => ({ role: "model", parts: [part] });
  test.each<[problem: string, message: unknown]>([
    [": must be a JSON object", "Hi"],
    [".parts: is missing", { role: "user" }],
    [".parts: must be an array", { role: "user", parts: "Hi" }],
    [".role: must be one of user, model, function, system", { role: "robot", parts: [] }],
    [".parts[0]: must be a JSON object", content("Hi")],
    [".parts[0].text: must be a string", content({ text: 7 })],
    [".parts[0].functionCall: must be a JSON object", content({ functionCall: "f" })],
    [".parts[0].functionCall.name: is missing", content({ functionCall: {} })],
    [
      ".parts[0].functionCall.args.a: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)",
      content({ functionCall: { name: "f", args: { a: "\0" } } }),
    ],
    [".parts[0].codeExecutionResult.outcome: is missing", content({ codeExecutionResult: {} })],
    [": holds nothing but part inlineData (--repair keeps it without words)", content({ inlineData: {} })],
    [": holds nothing but part novel (--repair keeps it without words)", content({ novel: 1 })],
  ])("contents[1]%s", async (problem, message) => {
    const { records, problems } = await readInput([[user], [user, message], [user]].map((contents) => ({ contents })));
    expect(problems).toEqual([`[1]: contents[1]${problem}`]);
    expect(records).toHaveLength(2);
  });
});
