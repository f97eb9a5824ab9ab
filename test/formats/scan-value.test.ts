import fc from "fast-check";
import { expect, test } from "vitest";

import { ValueScanner } from "../../src/formats/scan-value.ts";

/** What the scanner finds in the text, which it gets in chunks of the given size. */
function scan(text: string, size: number) {
  const scanner = new ValueScanner(["data"], 1);
  const found: { key: string | null; elements: string[]; head: string | null; rest: string; problem: string | null } = {
    key: null,
    elements: [],
    head: null,
    rest: "",
    problem: null,
  };
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length && found.head === null && found.problem === null; at += size) {
    for (const event of scanner.scan(bytes.subarray(at, at + size))) {
      if (event.kind === "list") found.key = event.key;
      else if (event.kind === "element") found.elements.push(event.bytes.toString());
      else if (event.kind === "fault") found.problem = event.problem;
      else {
        found.head = event.bytes.toString();
        found.rest = event.rest.toString() + bytes.subarray(at + size).toString();
      }
    }
  }
  return { ...found, line: scanner.line };
}

const sizes = fc.integer({ min: 1, max: 40 });
const spaces = fc.constantFrom(undefined, 1, "\t");

test("the elements of an array are found, whatever is in them and wherever the chunks end", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), sizes, spaces, (values, size, space) => {
      const { key, elements, head, rest, problem } = scan(`${JSON.stringify(values, null, space)}\nrest`, size);
      expect([key, problem, rest, JSON.parse(head ?? "")]).toEqual(["", null, "\nrest", []]);
      expect(JSON.stringify(elements.map((text) => JSON.parse(text)))).toBe(JSON.stringify(values));
    }),
  );
});

test("an object gives the elements of its list, and the rest of it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      sizes,
      spaces,
      (data, before, after, size, space) => {
        const text = JSON.stringify({ ...before, data, ...after }, null, space);
        // The one list: a list in a field of another name, or in a second one of this name, is not looked into.
        fc.pre(!("data" in before) && !("data" in after));
        const { key, elements, head, problem } = scan(text, size);
        expect([key, problem]).toEqual(["data", null]);
        expect(JSON.stringify(elements.map((element) => JSON.parse(element)))).toBe(JSON.stringify(data));
        expect(head === null ? null : JSON.stringify(JSON.parse(head))).toBe(
          JSON.stringify(JSON.parse(JSON.stringify({ ...before, data: [], ...after }))),
        );
      },
    ),
  );
});

test.each<[text: string, problem: string, line: number]>([
  ['[{"a":1}\n{"a":2}]', "a comma is missing before {", 2],
  ["[[1]\n\n[2]]", "a comma is missing before [", 3],
  ['{"a":[1,2}', "} is unexpected", 1],
  ['[{"a":"b\n"}]', "a text does not end in its line", 1],
  ['[{"a":"b\\\n"}]', "a text does not end in its line", 1],
  ["{{}}", "a comma is missing before {", 1],
])("%j cannot go on", (text, problem, line) => {
  for (const size of [1, 3, 100]) expect(scan(text, size)).toMatchObject({ problem, line, head: null });
});

test("an element that is no JSON costs no other", () => {
  const { elements, problem } = scan('[{"a":NaN},{"b":2,},nonsense,{"c":3}]', 2);
  expect(elements).toEqual(['{"a":NaN}', '{"b":2,}', "nonsense", '{"c":3}']);
  expect(problem).toBeNull();
});
