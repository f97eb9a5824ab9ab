import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type MeasuredServer, startMeasuredServer } from "./measure.ts";
import { FILLERS, PLACES, type Place } from "./shapes.ts";

// A caller may send a megabyte, and have all others wait for it no longer than this.
const MAX_TURN_MS = 250;
const MAX_BYTES = 64 * 1_048_576;
const MAX_MESSAGE = 1_000;

let server: MeasuredServer;
beforeAll(async () => {
  server = await startMeasuredServer();
});
afterAll(() => server.close());

/** Sends the text in its place, and holds the server to the bounds. */
async function expectBounded(place: Place, text: string, withKey: boolean): Promise<void> {
  const { path, init } = place.request(text);
  const headers = { ...(withKey && { "api-key": server.key }), ...init?.headers };
  const response = await fetch(`${server.origin}${path}`, { ...init, headers });
  const body = await response.text();
  const { turnMs, bytes } = await server.cost();
  const said = `${place.name}: ${JSON.stringify(text.slice(0, 40))}, ${text.length} characters`;
  expect(response.status, said).toBeLessThan(500);
  if (response.status >= 400 || body.includes('"errors"'))
    expect(longestMessage(body), said).toBeLessThanOrEqual(MAX_MESSAGE);
  expect(turnMs, `${said}: milliseconds`).toBeLessThan(MAX_TURN_MS);
  expect(bytes, `${said}: bytes`).toBeLessThan(MAX_BYTES);
}

/** The length of the longest message of an error. */
function longestMessage(body: string): number {
  const messages = Array.from(body.matchAll(/"(?:message|detail)":("(?:[^"\\]|\\.)*")/g), ([, text = '""']) =>
    JSON.parse(text),
  );
  return Math.max(0, ...messages.map((message: string) => message.length));
}

const fill = (filler: string, size: number) =>
  filler.repeat(Math.floor(size / Buffer.byteLength(JSON.stringify(filler).slice(1, -1))));

describe.each([
  ["without a key", false],
  ["with a key", true],
])("%s", (_name, withKey) => {
  test.each(PLACES)("as much as fits of anything, as $name, holds up no other caller", async (place) => {
    for (const filler of FILLERS) await expectBounded(place, fill(filler, place.most), withKey);
  });

  test("nor does a mixture", async () => {
    const parts = fc.array(fc.tuple(fc.constantFrom(...FILLERS), fc.nat({ max: 1000 })), {
      minLength: 1,
      maxLength: 6,
    });
    const shape = fc.record({
      place: fc.constantFrom(...PLACES),
      parts,
      size: fc.integer({ min: 1000, max: 1_048_576 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ place, parts, size }) => {
        const unit = parts.map(([filler, times]) => filler.repeat(times + 1)).join("");
        await expectBounded(place, fill(unit, Math.min(size, place.most)), withKey);
      }),
      { numRuns: 60 },
    );
  });
});
