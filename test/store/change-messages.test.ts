import { expect, test } from "vitest";

import type { FragmentState, MessageFragment, TextFragment, TurnState } from "../../src/model/message-fragment.ts";
import { changeMessages, type TurnChange } from "../../src/store/write/change-messages.ts";

const text = (content: string, state: FragmentState): TextFragment => ({ kind: "text", content, state });
const open = (content: string) => text(content, "in-progress");
const closed = (content: string) => text(content, "done");
const call: MessageFragment = { kind: "functionCall", name: "pay", args: { total: 1 } };
const response: MessageFragment = { kind: "functionResponse", name: "pay", response: "{}", failed: false };
const noted: TextFragment = { ...open("so "), metadata: { lang: "en" } };

type Change = Partial<Pick<TurnChange, "messages" | "appendMessages" | "appendText">>;
type Case = [string, readonly MessageFragment[], Change, TurnState, MessageFragment[]];

test.each<Case>([
  ["nothing but a state", [open("a"), call], {}, "in-progress", [open("a"), call]],
  ["messages replace all", [open("a"), call], { messages: [closed("b")] }, "in-progress", [closed("b")]],
  ["an empty list empties", [open("a")], { messages: [] }, "in-progress", []],
  [
    "appendMessages come last",
    [open("a")],
    { appendMessages: [call, response] },
    "in-progress",
    [open("a"), call, response],
  ],

  ["text goes on with text in progress", [call, open("a")], { appendText: "b" }, "in-progress", [call, open("ab")]],
  ["with its metadata kept", [noted], { appendText: "far" }, "in-progress", [{ ...noted, content: "so far" }]],
  ["finished text is not gone on with", [closed("a")], { appendText: "b" }, "in-progress", [closed("a"), open("b")]],
  ["only the last fragment is", [open("a"), call], { appendText: "b" }, "in-progress", [open("a"), call, open("b")]],
  ["text starts an empty turn", [], { appendText: "a" }, "in-progress", [open("a")]],
  ["empty text starts one too", [], { appendText: "" }, "in-progress", [open("")]],

  ["text after messages", [open("a")], { messages: [open("b")], appendText: "c" }, "in-progress", [open("bc")]],
  [
    "text after appendMessages",
    [open("a")],
    { appendMessages: [call], appendText: "b" },
    "in-progress",
    [open("a"), call, open("b")],
  ],
  [
    "text goes on with what was appended",
    [call],
    { appendMessages: [open("a")], appendText: "b" },
    "in-progress",
    [call, open("ab")],
  ],

  ["done closes", [open("a"), call, open("b")], {}, "done", [closed("a"), call, closed("b")]],
  ["done closes after the text", [open("a")], { appendText: "b" }, "done", [closed("ab")]],
  ["done closes what was appended", [], { appendMessages: [noted] }, "done", [{ ...noted, state: "done" }]],
  ["stopped leaves text in progress", [open("a")], { appendText: "b" }, "stopped", [open("ab")]],
  ["error leaves text in progress", [open("a"), closed("b")], {}, "error", [open("a"), closed("b")]],
])("%s", (_name, before, change, state, after) => {
  const given = structuredClone(before);
  const said = { messages: before, highSurrogate: null };
  expect(changeMessages(said, { messages: null, appendMessages: null, appendText: null, ...change }, state)).toEqual({
    messages: after,
    highSurrogate: null,
  });
  expect(before, "what was read is not changed").toEqual(given);
});
