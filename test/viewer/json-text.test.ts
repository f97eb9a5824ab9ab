import fc from "fast-check";
import { expect, test } from "vitest";

import { isNestedJson, membersOf, objectsToTexts } from "../../src/viewer/json/json-text.ts";
import { prettyJson } from "../../src/viewer/json/pretty-json.ts";

test("cuts members out as they are written: digits, order, escapes and spaces", () => {
  const text =
    ' { "b" : 1.50, "10":12345678901234567890 ,"9":{ "x":[ ] }, "a\\"}":"]\\\\" , "n": -0, "l":[true,null]} ';
  expect(membersOf(text)).toEqual([
    { key: '"b"', value: "1.50" },
    { key: '"10"', value: "12345678901234567890" },
    { key: '"9"', value: '{ "x":[ ] }' },
    { key: '"a\\"}"', value: '"]\\\\"' },
    { key: '"n"', value: "-0" },
    { key: '"l"', value: "[true,null]" },
  ]);
  expect(membersOf('[1.0,[],"["]')).toEqual(["1.0", "[]", '"["'].map((value) => ({ key: null, value })));
  expect([membersOf("{}"), membersOf(" [ ] ")]).toEqual([[], []]);
});

test("writes a line for each member", () => {
  expect(prettyJson('{"b":1.50,"a":[{},[ ],{"10":1e5,"9":"x"}]}')).toBe(
    '{\n  "b": 1.50,\n  "a": [\n    {},\n    [],\n    {\n      "10": 1e5,\n      "9": "x"\n    }\n  ]\n}',
  );
});

test.each([
  ["48213.70", false],
  ['"{}"', false],
  ["{oops}", false],
  ["[1,]", false],
  [' {"a":1}\n', true],
  ["[]", true],
])("takes %s for an object or array: %s", (text, expected) => expect(isNestedJson(text)).toBe(expected));

test("is at one with JSON.parse for any JSON", () => {
  const rebuilt = (text: string): unknown => {
    if (!/^\s*[{[]/.test(text)) return JSON.parse(text);
    const members = membersOf(text);
    if (text.trim().startsWith("[")) return members.map(({ value }) => rebuilt(value));
    return Object.fromEntries(members.map(({ key, value }) => [JSON.parse(key ?? ""), rebuilt(value)]));
  };
  const json = fc.tuple(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(0, 2, "\t"));
  fc.assert(
    fc.property(json, ([value, space]) => {
      const text = JSON.stringify(value, null, space);
      expect(JSON.stringify(rebuilt(text))).toBe(JSON.stringify(JSON.parse(text)));
      expect(JSON.parse(prettyJson(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 60 },
  );
});

test("keeps the objects of chosen members as texts", () => {
  const args = '{"args":{"x": 1.0},"deep":[{"n":"\\"}"}]}';
  const answer = `{"data":{"messages":[{"args":${args},"metadata":null,"content":"\\"args\\":{"},{"args":{}}],"other":{"a":1}}}`;
  expect(JSON.parse(objectsToTexts(answer, new Set(["args", "metadata"])))).toEqual({
    data: { messages: [{ args, metadata: null, content: '"args":{' }, { args: "{}" }], other: { a: 1 } },
  });
});
