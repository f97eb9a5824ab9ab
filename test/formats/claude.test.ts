import { describe, expect, test } from "vitest";

import { outline, readFixture } from "../harness/outline.ts";
import { readInput, readOne } from "../harness/read-input.ts";

const conversation = (...messages: object[]) => ({
  uuid: "c1",
  name: "N",
  chat_messages: messages.map((message) => ({ sender: "human", content: [], ...message })),
});

test("an export: the branch that was shown, pasted text, calls and their results", async () => {
  const { records, problems, notes } = await readInput(await readFixture("claude.json"));
  expect(problems).toEqual([]);
  const [record, older] = records;
  expect(outline(record?.turns)).toEqual([
    "user: When does it leave?\nFrom Ulm to Bonn",
    'assistant: I look it up. | timetable{"from":"Ulm","to":"Bonn"}#toolu_1 | timetable !> no such line#toolu_1 | There is none.',
  ]);
  expect(record).toMatchObject({
    id: "b7b7b7b7-0000-4000-8000-000000000001",
    createdAt: new Date("2025-05-01T08:00:00.123Z"),
    updatedAt: new Date("2025-05-01T08:05:00Z"),
    metadata: { title: "Train times" },
  });
  expect(record?.turns.map(({ id, timestamp }) => [id, timestamp.toISOString()])).toEqual([
    ["m1", "2025-05-01T08:00:01.500Z"],
    ["m3", "2025-05-01T08:04:00.000Z"],
  ]);
  expect([older?.metadata, outline(older?.turns)]).toEqual([{}, ["user: Hello", "assistant: Hi!"]]);
  expect(notes).toEqual([
    "left out: unknown field account, 2 times",
    "left out: file, once",
    "left out: reasoning, once",
    "left out: unknown field chat_messages[].content[].message, once",
    "left out: branch that was not shown, once",
  ]);
});

describe("a message", () => {
  test.each<[what: string, message: object, lines: string[]]>([
    ["without content has its text", { text: "words" }, ["user: words"]],
    ["whose content is empty has its text", { text: "words", content: [{ type: "text", text: "" }] }, ["user: words"]],
    ["whose content says more has that", { text: "short", content: [{ type: "text", text: "long" }] }, ["user: long"]],
    ["that is pasted", { text: "", attachments: [{ extracted_content: "pasted" }] }, ["user: pasted"]],
    ["that was never answered", { text: "", sender: "assistant" }, ["assistant: "]],
    ["of thoughts only", { text: "", sender: "assistant", content: [{ type: "thinking", thinking: "hm" }] }, []],
  ])("%s", async (_what, message, lines) => {
    expect(outline((await readOne(conversation(message))).turns)).toEqual(lines);
  });

  test("of one conversation follows the one before it where no message says which", async () => {
    const { turns } = await readOne(conversation({ text: "a" }, { text: "b", sender: "assistant" }, { text: "c" }));
    expect(outline(turns)).toEqual(["user: a", "assistant: b", "user: c"]);
  });

  test("without words beside what has none is kept and counted", async () => {
    const { notes } = await readInput(
      conversation({ text: "see", attachments: [{ file_name: "a.bin" }], files: ["x", {}] }),
    );
    expect(notes).toEqual(["left out: file, 2 times", "left out: attachment without text, once"]);
  });

  test.each<[problem: string, message: object]>([
    ["sender: must be one of human, assistant", { sender: "robot" }],
    ["sender: must be one of human, assistant", { sender: "toString" }],
    ["content: must be an array", { content: "Hi" }],
    ["content[0].type: is missing", { content: [{ text: "Hi" }] }],
    ["content[0].text: must be a string", { content: [{ type: "text", text: [] }] }],
    ["attachments: must be an array", { attachments: "a" }],
    ["uuid: is used twice in the conversation", { uuid: "m0" }],
    ["parent_message_uuid: must be a string", { parent_message_uuid: 1 }],
    ["parent: makes the message its own ancestor", { uuid: "m1", parent_message_uuid: "m1" }],
  ])("that is bad: %s", async (problem, message) => {
    const { problems } = await readInput([conversation({ uuid: "m0", text: "a" }, message)], "claude");
    expect(problems).toEqual([`[0]: chat_messages[1].${problem}`]);
  });
});

test.each<[problem: string, value: object]>([
  ["chat_messages: must be an array", { chat_messages: {} }],
  ["chat_messages: is missing", { uuid: "c1" }],
  ["chat_messages[0]: must be a JSON object", { chat_messages: ["Hi"] }],
  [
    "current_leaf_message_uuid: names no message of the conversation",
    { ...conversation(), current_leaf_message_uuid: "x" },
  ],
  ["uuid: must be a string", { ...conversation(), uuid: 7 }],
])("a conversation that is bad: %s", async (problem, value) => {
  const { problems } = await readInput(value, "claude");
  expect(problems).toEqual([`: ${problem}`]);
});
