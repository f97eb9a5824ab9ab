import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { createImporter, type Importer, summary } from "./importer.ts";

// Each test starts a process, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

let importer: Importer;

beforeAll(async () => {
  importer = await createImporter();
});

afterAll(() => importer.close());

const call = (id: string | null, name: string, args: unknown) => ({
  id,
  type: "function",
  function: { name, arguments: args },
});
const calling = (...calls: object[]) => ({ role: "assistant", content: null, tool_calls: calls });

test.each<[what: string, input: object, turns: string[], said: string]>([
  [
    "a function called as it was spelled first",
    {
      messages: [
        { role: "user", content: "Price of ACME?" },
        { role: "assistant", function_call: { name: "get_price", arguments: '{"symbol":"ACME"}' } },
        { role: "function", name: "get_price", content: "21" },
      ],
    },
    ["conv | user: Price of ACME?", 'conv | assistant: get_price({"symbol":"ACME"}); get_price -> 21'],
    "",
  ],
  [
    "two calls with one id",
    [
      calling(call("a", "f", "{}"), call("a", "g", "{}")),
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "tool", tool_call_id: "a", content: "2" },
    ],
    ["conv | assistant: f({}); g({}); f -> 1; g -> 2"],
    "",
  ],
  [
    "two calls with an empty id",
    [
      calling(call("", "f", "{}"), call("", "g", "{}")),
      { role: "tool", tool_call_id: "", content: "1" },
      { role: "tool", tool_call_id: "", content: "2" },
    ],
    ["conv | assistant: f({}); g({}); f -> 1; g -> 2"],
    "",
  ],
  [
    "arguments that are none, and that a model wrote badly",
    [
      calling(
        call("1", "f", null),
        call("2", "f", " "),
        call("3", "f", '{"a":'),
        call("4", "f", '"{}"'),
        call("5", "f", "[1]"),
      ),
    ],
    [
      'conv | assistant: f({}); f({}); f({"arguments":"{\\"a\\":"}); f({"arguments":"\\"{}\\""}); f({"arguments":"[1]"})',
    ],
    "",
  ],
  [
    "a refusal, and parts beside text that are none",
    [
      {
        role: "user",
        content: [
          { type: "text", text: "Look" },
          { type: "image_url", image_url: {} },
          { type: "input_audio" },
          { type: "file" },
        ],
      },
      { role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
    ],
    ["conv | user: Look", "conv | assistant: No."],
    "left out: part image_url, once\nleft out: part input_audio, once\nleft out: part file, once\n",
  ],
  [
    "responses whose calls are missing",
    [
      { role: "tool", name: "own", tool_call_id: "x", content: "1" },
      { role: "tool", tool_call_id: "y", content: "2" },
      calling(call("a", "f", "{}")),
      { role: "tool", tool_call_id: "z", content: "3" },
    ],
    ["conv | assistant: own -> 1; function_call_output -> 2; f({}); f -> 3"],
    "",
  ],
])("%s", async (_what, input, turns, said) => {
  const { status, stderr, project } = await importer.importText(input);
  expect([status, stderr]).toEqual([0, said]);
  expect(await importer.turns(project)).toEqual(turns);
});

test("a message of which nothing is read is a bad record, by name, and what is known is read beside it", async () => {
  const lines = [
    {
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", body: "Hello" },
      ],
    },
    { messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
    { messages: [{ role: "user", content: "fine" }] },
  ].map((record) => JSON.stringify(record));
  const { status, stdout, stderr, project } = await importer.importText(lines.join("\n"));
  expect([status, stdout]).toEqual([1, summary(1, 1, 1)]);
  expect(stderr.split("\n")).toEqual([
    "-: line 1: messages[1]: says nothing that is understood, beside body",
    "-: line 2: messages[0]: holds nothing but part image_url (--repair keeps it without words)",
    "left out: part image_url, once",
    "",
  ]);
  expect(await importer.turns(project)).toEqual(["conv | user: fine"]);
});

test("an array of Fixie pages is read; what is in no format gets one complaint a record", async () => {
  const page = (id: string) => ({
    conversations: [{ id, turns: [{ id: `${id}-1`, role: "user", messages: [{ kind: "text", content: "x" }] }] }],
    pageInfo: { requestedPageSize: 1, requestedOffset: 0, totalResultCount: 2 },
  });
  const pages = await importer.importText([page("a"), page("b")]);
  expect(pages).toMatchObject({ status: 0, stdout: summary(2, 2, 2), stderr: "" });
  expect(await importer.turns(pages.project)).toEqual(["a | user: x", "b | user: x"]);
  const unknown = await importer.importText([{ talks: Array(500).fill({ who: "human", what: "hi" }) }]);
  expect(unknown.status).toBe(1);
  expect(unknown.stderr).toMatch(/^-: line 1: is in no format that is understood: .*\n$/);
});
