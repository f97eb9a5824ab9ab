import { describe, expect, test } from "vitest";

import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { readInput, readOne } from "../harness/read-input.ts";

const message = (role: string, text: string, more: object = {}) => ({
  type: "message",
  role,
  content: [{ type: role === "assistant" ? "output_text" : "input_text", text }],
  ...more,
});
const CALL = {
  type: "function_call",
  id: "fc_1",
  call_id: "c1",
  name: "f",
  arguments: '{"n":1.0}',
  status: "completed",
};
const OUTPUT = { type: "function_call_output", id: "fco_1", call_id: "c1", output: "1", status: "completed" };
const ITEMS = [message("user", "q", { id: "msg_1" }), CALL, OUTPUT, message("assistant", "a", { id: "msg_2" })];

/** The turns with what they say. */
const said = ({ turns }: ConversationRecord) =>
  turns.map(({ id, role, messages }) => [
    id,
    role,
    ...messages.map((fragment) => ("content" in fragment ? fragment.content : `${fragment.kind} ${fragment.name}`)),
  ]);

const TURNS = [
  ["msg_1", "user", "q"],
  ["fc_1", "assistant", "functionCall f", "functionResponse f", "a"],
];

describe("items are found", () => {
  const page = { object: "list", data: ITEMS, first_id: "msg_1", last_id: "msg_2", has_more: false };
  test.each<[where: string, content: string | object, metadata: object]>([
    ["in an array", ITEMS, {}],
    ["item by item in JSON Lines", ITEMS.map((item) => JSON.stringify(item)).join("\n"), {}],
    ["in a page of their list", page, {}],
    ["in a page that is newest first, as the API gives it", { ...page, data: ITEMS.toReversed() }, {}],
    ["in a conversation", { object: "conversation", id: "c9", metadata: { a: "b" }, items: ITEMS }, { a: "b" }],
    [
      "in a response",
      { object: "response", id: "c9", input: "q", output: ITEMS.slice(1), model: "m" },
      { object: "response", model: "m" },
    ],
  ])("%s", async (where, content, metadata) => {
    const record = await readOne(content);
    expect(said(record).map((turn) => turn.slice(1))).toEqual(TURNS.map((turn) => turn.slice(1)));
    expect(record.metadata).toEqual(metadata);
    expect(record.id).toMatch(where.includes("in a conversation") || where.includes("response") ? /^c9$/ : /^conv_/);
    expect(record.turnIds).toBe(where.includes("response") ? "derived" : "local");
  });

  test("in an array of pages, a conversation each", async () => {
    const { records, problems } = await readInput([page, { ...page, data: [message("user", "other")] }]);
    expect(problems).toEqual([]);
    expect(records.map((record) => said(record)[0]?.[2])).toEqual(["q", "other"]);
  });

  test("beside messages without a type", async () => {
    expect(said(await readOne([{ role: "user", content: "q" }, CALL, OUTPUT])).map((turn) => turn.slice(1))).toEqual([
      ["user", "q"],
      ["assistant", "functionCall f", "functionResponse f"],
    ]);
  });
});

test("a page that says there is more is taken, and that is said", async () => {
  const { records, notes } = await readInput({ object: "list", data: ITEMS, has_more: true });
  expect(records.map(said)).toEqual([TURNS]);
  expect(notes).toEqual(["left out: items behind the page (has_more), once"]);
});

test("a response's instructions are the conversation's, and its input may be items", async () => {
  const { metadata, createdAt, turns } = await readOne({
    object: "response",
    id: "resp_1",
    created_at: 1_741_900_000,
    instructions: "Be kind.",
    input: [message("developer", "Be brief."), message("user", "q")],
    output: [{ type: "reasoning", id: "rs_1", summary: [] }, message("assistant", "a")],
  });
  expect(metadata).toEqual({ system: "Be kind.\nBe brief.", object: "response" });
  expect(createdAt).toEqual(new Date("2025-03-13T21:06:40Z"));
  expect(turns.map(({ role }) => role)).toEqual(["user", "assistant"]);
});

test("rollout lines are one conversation, with the session's id and the lines' times", async () => {
  const line = (second: number, type: string, payload: object) =>
    JSON.stringify({ timestamp: `2025-10-01T12:00:0${second}.500Z`, type, payload });
  const { records, problems, notes } = await readInput(
    [
      line(0, "session_meta", {
        id: "session-1",
        timestamp: "2025-10-01T11:59:59Z",
        cwd: "/src",
        git: { branch: "main" },
      }),
      line(1, "response_item", message("user", "q")),
      line(1, "event_msg", { type: "user_message", message: "q" }),
      line(2, "turn_context", { model: "m" }),
      line(3, "response_item", { type: "reasoning", summary: [] }),
      line(4, "response_item", CALL),
      line(5, "response_item", OUTPUT),
    ].join("\n"),
  );
  expect(problems).toEqual([]);
  expect(records).toHaveLength(1);
  const [record] = records;
  expect([record?.id, record?.metadata, record?.createdAt.toISOString(), record?.timesMadeUp]).toEqual([
    "session-1",
    { cwd: "/src" },
    "2025-10-01T11:59:59.000Z",
    false,
  ]);
  expect(record?.turns.map(({ role, timestamp }) => [role, timestamp.toISOString()])).toEqual([
    ["user", "2025-10-01T12:00:01.500Z"],
    ["assistant", "2025-10-01T12:00:04.500Z"],
  ]);
  expect(notes).toEqual([
    "left out: line event_msg, once",
    "left out: line turn_context, once",
    "left out: item reasoning, once",
    "left out: unknown field [].payload.git, once",
  ]);
});

test.each<[content: string | object, problem: string]>([
  [
    [CALL, { type: "message", role: "critic", content: "x" }],
    ": [1].role: must be one of system, developer, user, assistant",
  ],
  [
    [CALL, message("user", "x", { content: [{ type: "input_image" }] })],
    ": [1]: holds nothing but part input_image (--repair keeps it without words)",
  ],
  [`${JSON.stringify(CALL)}\n{"type":\n${JSON.stringify(OUTPUT)}`, "line 2: is not JSON: Unexpected end of JSON input"],
])("what breaks the form is one bad record: %j", async (content, problem) => {
  expect(await readInput(content)).toMatchObject({ records: [], problems: [problem] });
});
