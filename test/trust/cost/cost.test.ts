import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange } from "./exchange.ts";
import { FILLERS, type Filler } from "./fillers.ts";
import { type Cost, type MeasuredServers, startMeasuredServers } from "./measure.ts";
import { PIPELINED, PLACES, type Place, type Sent, sizeOf } from "./places.ts";

// A caller may send a megabyte, and have all others wait for it no longer than this.
const MAX_TURN_MS = 250;
const MEGABYTE = 1_048_576;
const MAX_BYTES = 64 * MEGABYTE;
const MAX_MESSAGE = 1_000;
// A processor that others keep busy is slower: what takes too long counts as what it takes at best.
const TRIES = 3;
const SEED = Number(process.env.TEST_SEED ?? 1);
const MIXTURES = 60;
const PIPELINED_REQUESTS = 1_000;

let servers: MeasuredServers;
beforeAll(async () => {
  servers = await startMeasuredServers();
});
afterAll(() => servers.close());

/** Callers, and of how many fillers each place gets one; another seed takes others. What is refused before it is read costs little. */
const CALLERS = [
  ["with a key", 8],
  ["without a key", 24],
  ["of an open server", 24],
] as const;
type Caller = (typeof CALLERS)[number][0];

/** Fills the place with as much as fits, and holds the server to the bounds. */
async function expectBounded(caller: Caller, place: Place, filler: Filler, share = 1): Promise<void> {
  const text = filler.fill(timesThatFit(place, filler, share));
  await expectCheap(caller, place.request(text, keyLine(caller)), `${place.name} with ${filler.name}`);
}

const keyLine = (caller: Caller) => (caller === "with a key" ? `api-key: ${servers.key}\r\n` : "");

async function expectCheap(caller: Caller, request: Sent, said: string): Promise<void> {
  const server = caller === "of an open server" ? servers.open : servers.closed;
  const costs: Cost[] = [];
  do {
    const answers = await exchange(server.origin, request, caller === "with a key" ? servers.key : null);
    costs.push(await server.cost());
    for (const { status, body } of answers) {
      expect.soft(status, said).toBeLessThan(500);
      if (status < 400 && !body.includes('"errors"')) continue;
      expect.soft(longestMessage(body), said).toBeLessThanOrEqual(MAX_MESSAGE);
    }
  } while (costs.length < TRIES && !costs.some(isBounded));
  expect.soft(costs.some(isBounded) || costs, said).toBe(true);
}

const isBounded = ({ turnMs, bytes }: Cost) => turnMs < MAX_TURN_MS && bytes < MAX_BYTES;

function timesThatFit({ request, most }: Place, { fill }: Filler, share: number): number {
  const [empty, some] = [0, 1000].map((times) => sizeOf(request(fill(times), "")));
  return Math.floor((1000 * (share * most - (empty ?? 0) - 200)) / ((some ?? 0) - (empty ?? 0)));
}

/** The length of the longest text that says what is wrong. */
function longestMessage(body: string): number {
  const messages = body
    .matchAll(/"(?:message|detail)":("(?:[^"\\]|\\.)*")/g)
    .map(([, text = '""']) => JSON.parse(text).length);
  return Math.max(0, ...messages);
}

describe.each(CALLERS)("from a caller %s", (caller, every) => {
  test.each(PLACES)("as much as fits of anything, as $name, holds up no other caller", async (place) => {
    const from = PLACES.indexOf(place);
    for (const [index, filler] of FILLERS.entries()) {
      if ((from + index + SEED) % every === 0) await expectBounded(caller, place, filler);
    }
  });

  test.each(PIPELINED)("nor do as many requests, one after the other, as %j", async (request) => {
    const one = request.replace("%", keyLine(caller));
    await expectCheap(caller, { bytes: one.repeat(PIPELINED_REQUESTS) }, request);
  });

  test("nor does a mixture", async () => {
    const part = fc.record({ filler: fc.constantFrom(...FILLERS), times: fc.integer({ min: 1, max: 100 }) });
    const mixture = fc.record({
      place: fc.constantFrom(...PLACES),
      parts: fc.array(part, { minLength: 2, maxLength: 6 }),
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(mixture, ({ place, parts, share }) => expectBounded(caller, place, mixed(parts), share)),
      { numRuns: MIXTURES, seed: SEED },
    );
  });
});

function mixed(parts: readonly { filler: Filler; times: number }[]): Filler {
  const unit = parts.map(({ filler, times }) => filler.fill(times)).join("");
  return {
    name: parts.map(({ filler, times }) => `${times} × ${filler.name}`).join(", "),
    fill: (times) => unit.repeat(times),
  };
}
