import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";
import { answered, conversation, said } from "./foundry-conversations.ts";
import { imported, type Puller, startPuller } from "./pulled.ts";
import { type FoundryConversation, foundry } from "./stand-in.ts";

// Each test starts several processes, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

let server: TestServer;
let puller: Puller;

beforeAll(async () => {
  server = await startTestServer();
});

afterEach(() => puller.close());

afterAll(() => server.close());

async function pullerFrom(list: FoundryConversation[]): Promise<Puller> {
  puller = await startPuller(server, foundry(list), (origin) => [
    "--from",
    "foundry",
    "--url",
    `${origin}/api/projects/p`,
  ]);
  return puller;
}

test("metadata that does not fit is left out and said, and the conversation is kept", async () => {
  // The cast: a service that breaks its own documents.
  const metadata = { customer: 123, topic: "refund", long: "x".repeat(513) } as unknown as Record<string, string>;
  const from = await pullerFrom([conversation(0, { metadata })]);
  expect(await from.pull()).toEqual({
    status: 0,
    stdout: imported(1),
    stderr:
      'left out: metadata "customer" (no text), once\nleft out: metadata "long" (value over 512 characters), once\n',
  });
  const rows = await server.database.rows(sql`SELECT metadata FROM conversations WHERE project_id = ${from.project}`);
  expect(rows).toEqual([{ metadata: { topic: "refund" } }]);
});

test("ids of items that are unique only within their conversation give way to derived ones, which are found again", async () => {
  const items = (text: string) => [said("msg_1", `question ${text}`), answered("msg_2", `answer ${text}`)];
  const list = [conversation(0, { items: items("0") }), conversation(1, { items: items("1") })];
  const from = await pullerFrom(list);
  expect(await from.pull()).toEqual({ status: 0, stdout: imported(2), stderr: "" });
  list[1]?.items.push(said("msg_3", "more"));
  expect((await from.pull()).stdout).toBe("imported 1 conversations, 1 turns, 1 fragments (1 skipped)\n");
  expect(await from.stored()).toEqual(["conv_000 | question 0 | answer 0", "conv_001 | question 1 | answer 1 | more"]);
  const rows = await server.database.rows<{ id: string }>(sql`
    SELECT regexp_replace(id, '^turn_.*', 'derived') AS id FROM turns WHERE project_id = ${from.project}
    ORDER BY conversation_id, position`);
  expect(rows.map(({ id }) => id)).toEqual(["msg_1", "msg_2", "derived", "derived", "msg_3"]);
});

test("what cannot be stored is repaired where that is asked for", async () => {
  const from = await pullerFrom([conversation(0, { items: [said("msg_1", "ELF\0"), answered("msg_2", "a")] })]);
  expect(await from.pull("--repair")).toEqual({
    status: 0,
    stdout: imported(1),
    stderr: "repaired: NUL or half of a surrogate pair, now U+FFFD, once\n",
  });
  expect(await from.stored()).toEqual(["conv_000 | ELF\ufffd | a"]);
});
