import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { conversation, store, text, turn } from "../harness/conversations.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";
import { answered, conversation as atService, said } from "./foundry-conversations.ts";
import { startPuller } from "./pulled.ts";
import { foundry } from "./stand-in.ts";

// Each test starts several processes, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

let server: TestServer;
let copy: TestServer;
beforeAll(async () => {
  [server, copy] = await Promise.all([startTestServer(), startTestServer()]);
});
afterAll(async () => {
  await server.close();
  await copy.close();
});

async function send(id: string, items: readonly string[]): Promise<void> {
  const headers = { "content-type": "application/json" };
  const url = `${server.origin}/openai/v1/conversations/${id}/items`;
  const answer = await fetch(url, { method: "POST", headers, body: `{"items":[${items.join()}]}` });
  expect(answer.status).toBe(200);
}

const ofItems = (from: TestServer, id: string, path = "/openai/v1") =>
  fetch(`${from.origin}${path}/conversations/${id}/items?limit=100&order=asc`).then((answer) => answer.text());

const ODD = '{ "type":"y",  "id":"y_1", "2":1.50,"1":12345678901234567890,"text":"\\u00e9" }';

test("a restore answers the same items and turns, a second import changes nothing, and a change goes on", async () => {
  const id = await create(server);
  await send(id, ['{"role":"system","content":"Be kind."}', '{"role":"user","content":"?"}', ODD]);
  await send(id, ['{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}']);
  await append(server, { conversationId: id, turn: says("more?") });
  await send(id, ['{"role":"developer","content":"Be brief."}']);
  await send(id, ['{"role":"assistant","content":"!"}']);
  const exported = await runCommand(server.url, ["export"]);
  const doctor = () => runCommand(server.url, ["doctor", "--items"]);
  expect((await doctor()).stdout).toMatch(/^ok +items +3 turns say what their items do$/m);
  const take = (input = exported.stdout) => runCommand(copy.url, ["import", "-"], input);
  expect(await take()).toMatchObject({
    status: 0,
    stdout: "imported 1 conversations, 4 turns, 4 fragments (0 skipped)\n",
  });
  expect(await ofItems(copy, id)).toBe(await ofItems(server, id));
  expect((await runCommand(copy.url, ["export"])).stdout).toBe(exported.stdout);
  expect((await take()).stdout).toBe("imported 0 conversations, 0 turns, 0 fragments (1 skipped)\n");
  await send(id, ['{"type":"reasoning","summary":[]}', '{"role":"user","content":"and?"}']);
  await take((await runCommand(server.url, ["export"])).stdout);
  expect(await ofItems(copy, id)).toBe(await ofItems(server, id));
  await server.database.rows(sql`
    UPDATE items SET item = '{"type":"message","id":"other","role":"user","content":"other"}', id = 'other'
    WHERE conversation_id = ${id} AND position = 1 AND fragments = 1`);
  const { status, stdout } = await doctor();
  expect(status).toBe(1);
  expect(stdout).toContain(`turn 1 of conversation ${id} in project default says something else than its items`);
});

test.each([
  ['{"json":"[]","fragments":1}', "turns[0].items[0].json: is not the JSON text of an item"],
  ['{"json":"{\\"type\\":\\"x\\",\\"id\\":\\"a\\"}","fragments":2}', "turns[0].items: say another number of fragments"],
])("an item that cannot be is a bad record: %s", async (item, problem) => {
  const exported = `{"format":"conversation-graph/1","id":"bad","createdAt":"2024-05-20T10:00:00Z","updatedAt":"2024-05-20T10:00:00Z",
    "turns":[{"id":"t","role":"user","timestamp":"2024-05-20T10:00:00Z","messages":[{"kind":"text","content":"?"}],"ofItems":true,"items":[${item}]}]}`;
  const { status, stderr } = await runCommand(copy.url, ["import", "-"], exported.replaceAll("\n", ""));
  expect([status, stderr]).toEqual([1, expect.stringContaining(problem)]);
});

test("pull keeps the items as they came, those that say nothing too, and takes in what it left out before", async () => {
  const items = [
    said("msg_1", "question"),
    { type: "reasoning" as const, id: "rs_1", summary: [], encrypted_content: "e" },
    answered("msg_2", "answer"),
  ];
  const puller = await startPuller(server, foundry([atService(0, { items })]), (origin) => [
    ...["--from", "foundry", "--url", `${origin}/api/projects/p`],
  ]);
  try {
    // As it was pulled before items were kept.
    const before = conversation("conv_000", {
      createdAt: new Date(1_741_900_000_000),
      turns: [
        turn("msg_1", { messages: [text("question")] }),
        turn("msg_2", { role: "assistant", messages: [text("answer")] }),
      ],
    });
    await store(server.database, [before], puller.project);
    expect((await puller.pull()).stdout).toBe("imported 1 conversations, 2 turns, 2 fragments (0 skipped)\n");
    const stored = await server.database.rows<{ json: string }>(sql`
      SELECT item::text AS json FROM items WHERE project_id = ${puller.project} ORDER BY position, place`);
    expect(stored.map(({ json }) => json)).toEqual(items.map((item) => JSON.stringify(item)));
    expect((await puller.pull()).stdout).toBe("imported 0 conversations, 0 turns, 0 fragments (1 skipped)\n");
    expect(await puller.stored()).toEqual(["conv_000 | question | answer"]);
  } finally {
    await puller.close();
  }
});
