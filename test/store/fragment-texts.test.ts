import { describe, expect, test } from "vitest";

import { FRAGMENT_KEYS, splitFragments } from "../../src/store/raw/fragment-values.ts";
import { readText } from "../../src/store/raw/values.ts";

/** The kinds, each with the texts of its keys, of messages that stand in the middle of other bytes. */
function read(messages: string): unknown {
  const [before, after] = ['x"[', ']"x'];
  const bytes = Buffer.from(before + messages + after);
  const found = splitFragments(bytes, before.length, bytes.length - after.length);
  return found.map(({ kind, texts }) => [kind, ...FRAGMENT_KEYS[kind].map((_key, at) => readText(texts, at))]);
}

describe("a turn's messages are cut into the values of their keys", () => {
  test.each([
    ["none", "[]", []],
    ["a text", '[{"kind":"text","content":"hi","state":"done"}]', [["text", '"hi"', '"done"', ""]]],
    [
      "quotes, backslashes, brackets and letters of several bytes",
      String.raw`[{"kind":"text","content":"a\"}],\\","state":"done"},{"kind":"text","content":"é🙂","state":"in-progress"}]`,
      [
        ["text", String.raw`"a\"}],\\"`, '"done"', ""],
        ["text", '"é🙂"', '"in-progress"', ""],
      ],
    ],
    [
      "nested arguments, digits as they are, and metadata",
      '[{"kind":"functionCall","name":"f","args":{"a":[{"b":"]}"}],"n":1.0,"m":12345678901234567890},"metadata":{"kind":"text"}}]',
      [["functionCall", '"f"', '{"a":[{"b":"]}"}],"n":1.0,"m":12345678901234567890}', '{"kind":"text"}']],
    ],
    [
      "a response",
      String.raw`[{"kind":"functionResponse","name":"f","response":"{\"a\":1}","failed":false}]`,
      [["functionResponse", '"f"', String.raw`"{\"a\":1}"`, "false", ""]],
    ],
  ])("%s", (_name, messages, expected) => {
    expect(read(messages)).toEqual(expected);
  });
});

describe("messages that another program spelled differently say the same", () => {
  const spelled = [
    ["functionCall", '"f"', '{"a":1.0}', ""],
    ["text", '"é"', '"done"', '{"m":1}'],
  ];
  test.each([
    [
      "spaces",
      '[ {"kind": "functionCall", "name": "f", "args": {"a":1.0}} , {"kind":"text","content":"é","state":"done","metadata":{"m":1}} ]',
    ],
    [
      "line ends",
      '[\n{"kind":"functionCall","name":"f","args":{"a":1.0}},\n{"kind":"text","content":"é","state":"done","metadata":{"m":1}}\n]',
    ],
    [
      "another order of keys",
      '[{"name":"f","args":{"a":1.0},"kind":"functionCall"},{"metadata":{"m":1},"state":"done","content":"é","kind":"text"}]',
    ],
    [
      "a space before the end",
      '[{"kind":"functionCall","name":"f","args":{"a":1.0} },{"kind":"text","content":"é","state":"done","metadata":{"m":1}}]',
    ],
  ])("%s", (_name, messages) => {
    expect(read(messages)).toEqual(spelled);
  });
});

test("messages that break off are an error, and not looked through for ever", () => {
  for (const end of ["", "\\", String.raw`\"`]) {
    const bytes = Buffer.from(`[{"kind":"text","content":"a${end}`);
    expect(() => splitFragments(bytes, 0, bytes.length)).toThrow();
  }
});
