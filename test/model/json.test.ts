import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isJsonObject, parseJson, parseRequestJson } from "../../src/model/json.ts";
import { orderedObject } from "../../src/model/ordered-object.ts";

const keys = fc.oneof(
  fc.nat({ max: 30 }).map(String),
  fc.constantFrom("__proto__", "01", "-1", "4294967295", "é"),
  fc.string().filter((key) => !/["\\]/.test(key)),
);
const numbers = fc.constantFrom("0", "-0", "1.0", "1e3", "12345678901234567890", "0.1234567890123456789", "7");

/** Compact JSON texts with keys in any order. */
const { json } = fc.letrec<{ json: string; object: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    numbers,
    fc.string().map((text) => JSON.stringify(text)),
    fc.constantFrom("true", "false", "null"),
    fc.array(tie("json"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
    tie("object"),
  ),
  object: fc
    .uniqueArray(fc.tuple(keys, tie("json")), { selector: ([key]) => key, maxLength: 6 })
    .map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`),
}));

describe("JSON", () => {
  test("comes back as it was written", () => {
    fc.assert(
      fc.property(json, (text) => {
        expect(JSON.stringify(parseJson(text))).toBe(text);
      }),
      { examples: [['{"1":0,"0":0,"2":0}'], ['{"a":0,"1":0,"2":0}'], ['{"1":0,"a":0,"2":{"3":0,"1":0}}']] },
    );
  });

  test("of a request has the values that JSON.parse gives", () => {
    const plain = (text: string) => JSON.stringify(JSON.parse(text));
    fc.assert(
      fc.property(json, (text) => {
        expect(plain(JSON.stringify(parseRequestJson(text)))).toBe(plain(text));
      }),
    );
  });

  test.each(['{"a":1,"1":', '{"b":1,"1":2,}', '{"b":NaN,"1":2}', '{"b":1 "1":2}', '{"1":1} //'])(
    "%s is refused in JSON.parse's words",
    (text) => {
      const refuse = (parse: (text: string) => unknown) => {
        try {
          return parse(text);
        } catch (error) {
          return String(error);
        }
      };
      expect(refuse(parseJson)).toBe(refuse(JSON.parse));
    },
  );

  test("takes the last of two values with one key, at the first one's place", () => {
    expect(JSON.stringify(parseJson('{"b":1,"1":2,"b":3}'))).toBe('{"b":3,"1":2}');
  });

  test("has objects that read, spread and compare like any other", () => {
    const object = orderedObject([
      ["b", 1],
      ["1", 2],
    ]);
    expect(isJsonObject(object)).toBe(true);
    expect(Object.entries(object)).toEqual([
      ["b", 1],
      ["1", 2],
    ]);
    expect({ ...object, c: 3 }).toEqual({ b: 1, 1: 2, c: 3 });
    expect(() => Object.assign(object, { c: 3 })).toThrow(TypeError);
  });
});
