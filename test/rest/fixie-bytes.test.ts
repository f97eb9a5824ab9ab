import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { getFixie } from "../harness/get-list.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const sizes = [[], [1], [5000, 1, 5000], [900, 900, 900, 900, 900, 900], [1, 20_000, 1], Array(250).fill(30)];
  const records = sizes.map((bytes: number[], index) =>
    conversation(`c${index}`, {
      agent: { name: "shop", version: null },
      turns: bytes.map((size, place) => turn(`t${index}.${place}`, { text: "x".repeat(size) })),
    }),
  );
  await store(server.database, records);
});
afterAll(() => server.close());

test.each([1, 1000, 4000, 1_000_000])(
  "the list has every turn, however few bytes are read at a time: %i",
  async (bytes) => {
    const { text: whole } = await getFixie(server, "shop");
    const careful = await startTestServer({ MAX_PAGE_BYTES: String(bytes) }, server.url);
    const { text, body } = await getFixie(careful, "shop").finally(careful.close);
    expect(text).toBe(whole);
    expect(body.conversations.map(({ turns }) => turns.length)).toEqual([250, 3, 6, 3, 1, 0]);
  },
);
