import { afterAll, beforeAll, expect, test } from "vitest";

import type { TurnRecord } from "../../src/model/conversation-record.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { update } from "../harness/writes.ts";

const OTHERS = 60;
const ME = { "x-ms-user-isolation-key": "me" };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const said = (id: string, content: string, minute: number): TurnRecord => {
    const timestamp = new Date(Date.UTC(2024, 0, 1, 0, minute));
    return turn(id, { role: "assistant", state: "in-progress", timestamp, messages: [text(content)] });
  };
  const far = `${"far ".repeat(1250)}behind`;
  await store(server.database, [
    conversation("mine", { isolationKey: "me", turns: [said("early", "early word", 0)] }),
    conversation("far", { isolationKey: "me", turns: [said("far turn", far, 1)] }),
    conversation("long", { isolationKey: "me", turns: [said("long turn", `long ${"x".repeat(100_000)}`, 2)] }),
    ...Array.from({ length: OTHERS }, (_, index) =>
      conversation(`other${index}`, {
        isolationKey: "other",
        turns: [said(`turn${index}`, `number${index}`, 10 + index)],
      }),
    ),
  ]);
});
afterAll(() => server.close());

async function search(words: string, headers: Record<string, string> = {}): Promise<string[]> {
  const document =
    "query ($search: String!) { conversations(filter: { search: $search }) { totalCount nodes { id } } }";
  const { conversations } = await ask(server, document, { search: words }, headers);
  expect(conversations.totalCount).toBe(conversations.nodes.length);
  return conversations.nodes.map(({ id }: { id: string }) => id);
}

test("of a project's turns in progress the newest fifty are searched", async () => {
  expect(await search(`number${OTHERS - 1}`)).toEqual([`other${OTHERS - 1}`]);
  expect(await search(`number${OTHERS - 50}`)).toEqual([`other${OTHERS - 50}`]);
  expect(await search(`number${OTHERS - 51}`)).toEqual([]);
  expect(await search("early")).toEqual([]);
});

test("those of other users take no room from a user's own", async () => {
  expect(await search("early", ME)).toEqual(["mine"]);
  expect(await search(`number${OTHERS - 1}`, ME)).toEqual([]);
});

test("each by its first 5,000 characters, and all of it once it has ended", async () => {
  expect(await search("far", ME)).toEqual(["far"]);
  expect(await search("behind", ME)).toEqual([]);
  await update(server, { id: "far turn", state: "DONE" }, ME);
  expect(await search("behind", ME)).toEqual(["far"]);
});

test("one of more than 100,000 bytes once it has ended", async () => {
  expect(await search("long", ME)).toEqual([]);
  await update(server, { id: "long turn", state: "STOPPED" }, ME);
  expect(await search("long", ME)).toEqual(["long"]);
});
