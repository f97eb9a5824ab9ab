import { describe, expect, test } from "vitest";

import { readChatMessages } from "../../src/formats/chat-messages.ts";
import { Fields } from "../../src/formats/fields.ts";
import { readItems } from "../../src/formats/foundry-items.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";

const READERS = { "chat messages": readChatMessages, items: readItems };

/** The turns that the messages make, and what was said about them. */
function read(messages: readonly object[], reader = readChatMessages, notes = new ReadingNotes()) {
  const { turns } = reader(
    messages.map((message, index) => new Fields(message, `[${index}]`, notes)),
    notes,
  );
  return { turns, fragments: turns.flatMap((turn) => turn.messages), notes: notes.lines() };
}

const ask = { role: "user", content: "?" };
const calling = (...calls: object[]) => ({ role: "assistant", content: null, tool_calls: calls });

describe("arguments are read alike in chat messages and in items", () => {
  test.each<[args: unknown, read: object]>([
    [undefined, {}],
    [null, {}],
    ["", {}],
    [" \n", {}],
    ["null", {}],
    ['{"a":1}', { a: 1 }],
    [{ a: 1 }, { a: 1 }],
    ['{"a":', { arguments: '{"a":' }],
    ['"{\\"a\\":1}"', { arguments: '"{\\"a\\":1}"' }],
    ["[1]", { arguments: "[1]" }],
    [[1], { arguments: [1] }],
    ["7", { arguments: "7" }],
    ["{'a': 1}", { arguments: "{'a': 1}" }],
  ])("%j", (args, expected) => {
    const fragment = { kind: "functionCall", name: "f", args: expected, metadata: { callId: "1" } };
    expect(read([calling({ id: "1", function: { name: "f", arguments: args } })]).fragments).toEqual([fragment]);
    const item = { type: "function_call", call_id: "1", name: "f", arguments: args };
    expect(read([item], readItems).fragments).toEqual([fragment]);
  });
});

describe.each(Object.entries(READERS))("%s", (_name, reader) => {
  const message = (role: string, ...content: object[]) => ({ role, content });
  const text = { type: "text", text: "Look:" };
  const image = { type: "image_url", image_url: { url: "data:," } };

  test("parts that are no text are left out beside text, and counted; a refusal is text", () => {
    const { fragments, notes } = read(
      [
        message("user", text, image, { type: "input_audio" }, { type: "file" }, { type: "text", text: "what?" }),
        message("assistant", { type: "refusal", refusal: "No." }),
      ],
      reader,
    );
    expect(fragments).toEqual([
      { kind: "text", content: "Look:\nwhat?", state: "done" },
      { kind: "text", content: "No.", state: "done" },
    ]);
    expect(notes).toEqual(["image_url", "input_audio", "file"].map((type) => `left out: part ${type}, once`));
  });

  test("a message of which nothing is read is refused, and with repair kept without words where it is known what it held", () => {
    expect(() => read([ask, message("user", image)], reader)).toThrow(
      "[1]: holds nothing but part image_url (--repair keeps it without words)",
    );
    const repaired = read([message("user", image), ask], reader, new ReadingNotes({ repair: true }));
    expect(repaired.turns.map(({ role, messages }) => [role, messages])).toEqual([
      ["user", [{ kind: "text", content: "", state: "done" }]],
      ["user", [{ kind: "text", content: "?", state: "done" }]],
    ]);
    expect(repaired.notes).toEqual(["left out: part image_url, once"]);
    for (const repair of [false, true]) {
      const unknown = { role: "assistant", words: "Hello" };
      expect(() => read([ask, unknown], reader, new ReadingNotes({ repair }))).toThrow(
        "[1]: says nothing that is understood, beside words",
      );
    }
  });

  test("a message that says nothing is an empty text", () => {
    const { fragments } = read([{ role: "assistant", content: null }, message("user"), ask], reader);
    expect(fragments.map((fragment) => "content" in fragment && fragment.content)).toEqual(["", "", "?"]);
  });

  test("repair puts U+FFFD in place of what cannot be stored, in arguments too", () => {
    const notes = new ReadingNotes({ repair: true });
    const args = '{"a\\u0000":["\\ud800",1.0]}';
    const messages = [
      { role: "user", content: "ELF\0 \ud83d\ude00 \udc00" },
      reader === readItems
        ? { type: "function_call", name: "f", arguments: args }
        : calling({ function: { name: "f", arguments: args } }),
    ];
    const { fragments, notes: lines } = read(messages, reader, notes);
    expect(fragments).toEqual([
      { kind: "text", content: "ELF\ufffd 😀 \ufffd", state: "done" },
      { kind: "functionCall", name: "f", args: { "a\ufffd": ["\ufffd", JSON.rawJSON("1.0")] } },
    ]);
    expect(lines).toEqual(["repaired: NUL or half of a surrogate pair, now U+FFFD, 4 times"]);
  });
});

describe("what else assistants say in chat messages", () => {
  test.each<[what: string, message: object, fragments: object[], notes: string[]]>([
    [
      "a call as it was spelled first",
      { role: "assistant", content: null, function_call: { name: "f", arguments: '{"a":1}' } },
      [{ kind: "functionCall", name: "f", args: { a: 1 } }],
      [],
    ],
    [
      "a refusal",
      { role: "assistant", content: null, refusal: "No." },
      [{ kind: "text", content: "No.", state: "done" }],
      [],
    ],
    [
      "speech",
      { role: "assistant", content: null, audio: { id: "a", transcript: "Yes.", data: "AA==" } },
      [{ kind: "text", content: "Yes.", state: "done" }],
      ["left out: audio, once"],
    ],
    [
      "thoughts beside an answer",
      { role: "assistant", content: "4", reasoning_content: "2 + 2 = 4" },
      [{ kind: "text", content: "4", state: "done" }],
      ["left out: reasoning, once"],
    ],
    [
      "a call of a custom tool",
      { role: "assistant", tool_calls: [{ id: "c", type: "custom", custom: { name: "sql", input: "SELECT 1" } }] },
      [{ kind: "functionCall", name: "sql", args: { input: "SELECT 1" }, metadata: { callId: "c" } }],
      [],
    ],
    [
      "a response without content",
      { role: "tool", tool_call_id: 7 },
      [
        {
          kind: "functionResponse",
          name: "function_call_output",
          response: "",
          failed: false,
          metadata: { callId: "7" },
        },
      ],
      [],
    ],
    [
      "a response with an image beside its text",
      {
        role: "tool",
        name: "f",
        content: [{ type: "text", text: "a" }, { type: "image_url" }, { type: "text", text: "b" }],
      },
      [{ kind: "functionResponse", name: "f", response: "a\nb", failed: false }],
      ["left out: part image_url, once"],
    ],
    [
      "a response of parts of another kind",
      { role: "tool", name: "f", content: [{ type: "text", text: "a" }, { rows: [1] }] },
      [{ kind: "functionResponse", name: "f", response: '[{"type":"text","text":"a"},{"rows":[1]}]', failed: false }],
      [],
    ],
    [
      "a function's response as it was spelled first, an object",
      { role: "function", name: "f", content: { price: 21 } },
      [{ kind: "functionResponse", name: "f", response: '{"price":21}', failed: false }],
      [],
    ],
  ])("%s", (_what, message, fragments, notes) => {
    const result = read([message]);
    expect(result.fragments).toEqual(fragments);
    expect(result.notes).toEqual(notes);
  });
});
