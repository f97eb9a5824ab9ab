import type { IncomingMessage } from "node:http";

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { readIsolationKey } from "../../src/http/isolation-header.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store } from "../harness/conversations.ts";
import { utf8 } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { getEverywhere } from "../harness/surfaces.ts";

const KEY = "x-ms-user-isolation-key";

let server: TestServer;
let project: string;
beforeAll(async () => {
  server = await startTestServer();
  project = await createKey(server.database, "shop", "project", null);
  const agent = { name: "a", version: null };
  const owners = { c1: "ann", c2: "é", c3: "a\ufffdb", c4: "aï¿½b", c5: "\ufeffann", c6: null };
  const records = Object.entries(owners).map(([id, isolationKey]) => conversation(id, { isolationKey, agent }));
  await store(server.database, records, "shop");
});
afterAll(() => server.close());

/** The key that the bytes of a header are read as; null for bytes that are refused. */
function keyOf(bytes: Uint8Array): string | null {
  // Node gives a header's bytes as Latin-1.
  const value = Buffer.from(bytes).toString("latin1");
  // The only part of a request that is looked at.
  const request = { headersDistinct: { [KEY]: [value] } } as unknown as IncomingMessage;
  try {
    return readIsolationKey(request);
  } catch {
    return null;
  }
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom("\ufffd", "ï¿½", "\ufeff", "é", "e\u0301", "Ã©", "\ud7ff", "🙂"),
);
const bytes = fc.oneof(
  fc.array(text, { maxLength: 3 }).map((parts) => Buffer.from(parts.join("").toWellFormed())),
  fc.array(text, { maxLength: 3 }).map((parts) => Buffer.from(parts.join(""), "latin1")),
  fc.uint8Array({ maxLength: 6 }),
  fc.uint8Array({ min: 0x7f, maxLength: 3 }),
);

test("two headers of different bytes are never the same user", () => {
  const read = new Map<string, string>();
  const property = fc.property(bytes, (sent) => {
    const key = keyOf(sent);
    if (key === null) return;
    const hex = Buffer.from(sent).toString("hex");
    expect(read.get(key) ?? hex).toBe(hex);
    read.set(key, hex);
  });
  fc.assert(property, { numRuns: 20_000 });
  expect(read.size).toBeGreaterThan(1000);
});

test.each([
  ["UTF-8", utf8("é"), ["c2"]],
  ["the sign for what could not be read, as a caller types it", utf8("a\ufffdb"), ["c3"]],
  ["what its bytes are in Latin-1", utf8("aï¿½b"), ["c4"]],
  ["a byte order mark", utf8("\ufeffann"), ["c5"]],
])("names one user on every surface: %s", async (_what, value, ids) => {
  for (const { surface, answer } of await getEverywhere(server.origin, [`api-key: ${project}`, `${KEY}: ${value}`])) {
    expect([surface.name, answer.status, surface.ids(answer.text)]).toEqual([surface.name, 200, ids]);
  }
});

test.each(["\xe9", "a\xff", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xc0\xaf", "\xf5\x80\x80\x80"])(
  "is refused where its bytes are not UTF-8: %j",
  async (value) => {
    for (const { surface, answer } of await getEverywhere(server.origin, [`api-key: ${project}`, `${KEY}: ${value}`])) {
      expect([surface.name, answer.status]).toEqual([surface.name, 400]);
      expect(surface.error(answer.text)).toEqual({ message: `The header ${KEY} must be UTF-8.`, argument: KEY });
    }
  },
);

test("counts behind any number of other headers, as a gateway sends it that adds it to a caller's own", async () => {
  const others = Array.from({ length: 3000 }, (_, index) => `x-${index}: y`);
  const lines = [`api-key: ${project}`, ...others, `${KEY}: ann`];
  for (const { surface, answer } of await getEverywhere(server.origin, lines)) {
    expect([surface.name, answer.status, surface.ids(answer.text)]).toEqual([surface.name, 200, ["c1"]]);
  }
});
