import { describe, expect, test } from "vitest";

import { EXPORT_TARGETS } from "../../src/formats/export/target.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { conversation, text, turn } from "../harness/conversations.ts";

const call = (name: string, callId?: string): MessageFragment => ({
  kind: "functionCall",
  name,
  args: { n: JSON.rawJSON("1.50"), "2": 1 },
  ...(callId !== undefined && { metadata: { callId } }),
});
const response = (name: string, said: string, given: { callId?: string; failed?: boolean } = {}): MessageFragment => ({
  kind: "functionResponse",
  name,
  response: said,
  failed: given.failed ?? false,
  ...(given.callId !== undefined && { metadata: { callId: given.callId } }),
});
const ARGS = '{"2":1,"n":1.50}';

const RECORD = conversation("c1", {
  createdAt: new Date("2024-05-20T10:00:00.500Z"),
  metadata: { title: "T", system: "Be kind." },
  turns: [
    turn("t1", { text: "1?" }),
    turn("t2", {
      role: "assistant",
      state: "in-progress",
      messages: [
        text("Let me"),
        call("f", "a"),
        call("g"),
        response("f", '{"x": 1}', { callId: "a" }),
        response("g", '{"x":1}', { failed: true }),
        { kind: "text", content: "It is", state: "in-progress" },
      ],
    }),
  ],
});

function write(name: string, record = RECORD): { written: unknown; line: string; notes: string[] } {
  const notes = new ReadingNotes();
  const line = EXPORT_TARGETS.find((target) => target.name === name)?.write(record, notes) ?? "";
  return { written: JSON.parse(line), line, notes: notes.lines().map((note) => note.replace("left out: ", "")) };
}

test("openai-items: a turn's id is its first item's, its state the last item's status", () => {
  expect(write("openai-items").written).toEqual({
    id: "c1",
    object: "conversation",
    created_at: 1716199200,
    metadata: { title: "T" },
    items: [
      { type: "message", role: "system", status: "completed", content: [{ type: "input_text", text: "Be kind." }] },
      { id: "t1", type: "message", role: "user", status: "completed", content: [{ type: "input_text", text: "1?" }] },
      {
        id: "t2",
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "Let me", annotations: [] }],
      },
      { type: "function_call", status: "completed", call_id: "a", name: "f", arguments: ARGS },
      { type: "function_call", status: "completed", call_id: "call_1", name: "g", arguments: ARGS },
      { type: "function_call_output", status: "completed", call_id: "a", output: '{"x": 1}' },
      { type: "function_call_output", status: "completed", call_id: "call_1", output: '{"x":1}' },
      {
        type: "message",
        role: "assistant",
        status: "in_progress",
        content: [{ type: "output_text", text: "It is", annotations: [] }],
      },
    ],
  });
});

test("ui-messages: a message a turn, a part for a call and its response, a step behind each response", () => {
  const { written, line } = write("ui-messages");
  expect(written).toEqual({
    id: "c1",
    createdAt: "2024-05-20T10:00:00.500Z",
    metadata: { title: "T" },
    messages: [
      { id: "c1-system", role: "system", parts: [{ type: "text", text: "Be kind.", state: "done" }] },
      {
        id: "t1",
        role: "user",
        metadata: { createdAt: "2024-05-20T10:00:00.000Z" },
        parts: [{ type: "text", text: "1?", state: "done" }],
      },
      {
        id: "t2",
        role: "assistant",
        metadata: { createdAt: "2024-05-20T10:00:00.000Z" },
        parts: [
          { type: "step-start" },
          { type: "text", text: "Let me", state: "done" },
          { type: "tool-f", toolCallId: "a", state: "output-available", input: JSON.parse(ARGS), output: '{"x": 1}' },
          {
            type: "tool-g",
            toolCallId: "call_1",
            state: "output-error",
            input: JSON.parse(ARGS),
            errorText: '{"x":1}',
          },
          { type: "step-start" },
          { type: "text", text: "It is", state: "streaming" },
        ],
      },
    ],
  });
  expect(line).toContain(`"input":${ARGS}`);
});

test("chat: calls beside the text before them, a message for each response", () => {
  expect(write("chat").written).toEqual({
    id: "c1",
    created_at: "2024-05-20T10:00:00.500Z",
    metadata: { title: "T" },
    messages: [
      { role: "system", content: "Be kind." },
      { role: "user", content: "1?" },
      {
        role: "assistant",
        content: "Let me",
        tool_calls: [
          { id: "a", type: "function", function: { name: "f", arguments: ARGS } },
          { id: "call_1", type: "function", function: { name: "g", arguments: ARGS } },
        ],
      },
      { role: "tool", tool_call_id: "a", content: '{"x": 1}' },
      { role: "tool", tool_call_id: "call_1", content: '{"x":1}' },
      { role: "assistant", content: "It is" },
    ],
  });
});

describe("what cannot be said is counted by name:", () => {
  const answer = (given: Parameters<typeof turn>[1]) =>
    conversation("c1", { turns: [turn("q"), turn("a", { role: "assistant", ...given })] });
  const failing = answer({ state: "error", errorDetail: "boom", inReplyToId: "q", messages: [] });
  const stopped = answer({
    state: "stopped",
    messages: [{ kind: "text", content: "a", state: "in-progress", metadata: { x: 1 } }],
  });
  const orphan = answer({ messages: [response("f", "x", { callId: "c9" })] });
  const asking = conversation("c1", {
    agent: { name: "n", version: null },
    isolationKey: "u",
    turns: [turn("q", { messages: [call("f")] })],
  });
  const STATES = ["turn state stopped, once", "text state in-progress, once"];
  test.each<[what: string, record: typeof RECORD, common: string[], items: string[], ui: string[], chat: string[]]>([
    ["nothing", answer({}), [], [], [], []],
    [
      "an error",
      failing,
      ["errorDetail, once", "inReplyTo, once"],
      ["turn state error (written as incomplete), once"],
      ["turn state error, once"],
      ["turn state error, once"],
    ],
    ["a stopped answer", stopped, ["fragment metadata, once"], [], STATES, STATES],
    ["a response without a call", orphan, [], [], ["that a response has no call (written with one), once"], []],
    [
      "whose it is, and calls of a user",
      asking,
      ["agent, once", "user, once", "functionCall of a user turn, once"],
      [],
      [],
      [],
    ],
  ])("%s", (_what, record, common, items, ui, chat) => {
    const own = { "openai-items": items, "ui-messages": ui, chat };
    for (const [name, notes] of Object.entries(own))
      expect(write(name, record).notes.toSorted()).toEqual([...common, ...notes].toSorted());
  });
});
