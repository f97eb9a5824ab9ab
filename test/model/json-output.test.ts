import fc from "fast-check";
import { expect, test } from "vitest";

import { JsonOutput, toJsonBytes } from "../../src/model/json-output.ts";

const bytes = fc.uint8Array({ maxLength: 200 }).map((drawn) => Buffer.from(drawn));
const part = fc.oneof(
  fc.record({ bytes, from: fc.nat(200), to: fc.nat(200) }),
  fc.string({ unit: fc.constantFrom("a", '"', "é", "🙂"), maxLength: 50 }),
);

test("what is written follows what was written before, however much it is", () => {
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const out = new JsonOutput(16);
      const expected = parts.map((one) => {
        if (typeof one === "string") {
          out.writeString(one);
          return Buffer.from(one);
        }
        const [start = 0, end = 0] = [one.from, one.to]
          .map((at) => Math.min(at, one.bytes.length))
          .sort((a, b) => a - b);
        out.copy(one.bytes, start, end);
        out.write(one.bytes);
        out.writeByte(0x2c);
        return Buffer.concat([one.bytes.subarray(start, end), one.bytes, Buffer.from(",")]);
      });
      expect(out.take()).toEqual(Buffer.concat(expected));
      expect(out.size).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test("a text that failed in the middle leaves nothing to the next one", () => {
  const failing = () =>
    toJsonBytes((out) => {
      out.writeString("half");
      throw new Error("failed");
    });
  expect(failing).toThrow("failed");
  expect(toJsonBytes((out) => out.writeString("whole")).toString()).toBe("whole");
});
