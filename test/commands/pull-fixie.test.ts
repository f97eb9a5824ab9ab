import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { imported, type Puller, startPuller, withFaults } from "./pulled.ts";
import { type Answer, type FixieConversation, fixie } from "./stand-in.ts";

// Each test starts several processes, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

const START = Date.UTC(2024, 2, 7);

const listed = (index: number): FixieConversation => ({
  id: `c${String(index).padStart(3, "0")}`,
  turns: ["question", "answer"].map((what, place) => ({
    id: `c${index}-${place}`,
    timestamp: new Date(START + index * 60_000 + place * 1000).toISOString(),
    role: place === 0 ? "user" : "assistant",
    messages: [{ kind: "text", content: `${what} ${index}`, state: "done" }],
    state: "done",
  })),
});

/** Newest first, as the list is. */
const conversations = (count: number) => Array.from({ length: count }, (_, index) => listed(count - 1 - index));

const asStored = (count: number) =>
  Array.from({ length: count }, (_, index) => `${listed(index).id} | question ${index} | answer ${index}`);

let server: TestServer;
let puller: Puller | undefined;

beforeAll(async () => {
  server = await startTestServer();
});

afterEach(async () => {
  await puller?.close();
  puller = undefined;
});

afterAll(() => server.close());

async function pullerFrom(answer: Answer): Promise<Puller> {
  puller = await startPuller(server, answer, (origin) => ["--from", "fixie", "--url", origin, "--agent", "desk"]);
  return puller;
}

const pages = ({ asked }: Puller) => asked.map((path) => path.replace("/api/v1/agents/desk/conversations", ""));

test("every page is copied, and pulling again changes nothing", async () => {
  const from = await pullerFrom(fixie(conversations(45), "s3cret"));
  expect(await from.pull("--key", "s3cret")).toEqual({ status: 0, stdout: imported(45), stderr: "" });
  expect(await from.stored()).toEqual(asStored(45));
  // Each page begins where the one before ended, and the head is looked at once more.
  expect(pages(from)).toEqual([
    "?offset=0&limit=20",
    "?offset=19&limit=20",
    "?offset=38&limit=20",
    "?offset=0&limit=1",
  ]);
  expect((await from.pull("--key", "s3cret")).stdout).toBe(imported(0, 45));
  const agents = await server.database.rows(sql`
    SELECT DISTINCT agent_name, agent_version FROM conversations WHERE project_id = ${from.project}`);
  expect(agents).toEqual([{ agent_name: "desk", agent_version: null }]);
});

test("the documented answer is taken in whole, its numbers digit for digit", async () => {
  const documented = `{"conversations":[{"id":"string","turns":[{"id":"turn","timestamp":"2024-03-07T22:56:08.570Z","role":"assistant",
    "messages":[{"kind":"text","content":"Hello!"},
      {"kind":"functionCall","name":"queryKnowledgeBase","args":{"query":"Why?","order":12345678901234567890,"at":1.10}},
      {"kind":"functionResponse","name":"queryKnowledgeBase","response":"{\\n \\"kind\\": \\"docs\\",\\n \\"results\\": []\\n}"}],
    "state":"error","errorDetail":"string"}]}],"pageInfo":{"requestedPageSize":20,"requestedOffset":0,"totalResultCount":1}}`;
  const from = await pullerFrom(() => ({ body: documented }));
  expect((await from.pull()).stdout).toBe("imported 1 conversations, 1 turns, 3 fragments (0 skipped)\n");
  const [row] = await server.database.rows<{ messages: string; error_detail: string }>(sql`
    SELECT messages::text, error_detail FROM turns WHERE project_id = ${from.project}`);
  expect(row).toEqual({
    messages:
      '[{"kind":"text","content":"Hello!","state":"done"},' +
      '{"kind":"functionCall","name":"queryKnowledgeBase","args":{"query":"Why?","order":12345678901234567890,"at":1.10}},' +
      '{"kind":"functionResponse","name":"queryKnowledgeBase","response":"{\\n \\"kind\\": \\"docs\\",\\n \\"results\\": []\\n}","failed":false}]',
    error_detail: "string",
  });
});

test("another conversation-graph's list is the same afterwards, and follows what changes", async () => {
  const source = await startTestServer();
  const target = await startTestServer();
  try {
    const agent = { name: "team/desk", version: "1" };
    const records = Array.from({ length: 25 }, (_, index) =>
      conversation(`conv_${index}`, {
        agent: index === 7 ? { name: "other", version: null } : agent,
        // Empty ones have no time in the list: they are the oldest here, so that they come last in both.
        createdAt: new Date(index < 3 ? 1000 + index : START + Math.floor(index / 2) * 1000),
        turns: Array.from({ length: index < 3 ? 0 : (index % 4) + 1 }, (_unused, place) =>
          turn(`turn_${index}.${place}`, {
            role: place % 2 === 0 ? "user" : "assistant",
            timestamp: new Date(START + Math.floor(index / 2) * 1000 + place),
            inReplyToId: place % 2 === 0 ? null : `turn_${index}.${place - 1}`,
            messages: [
              text(`${index} "ü"\n`),
              { kind: "functionCall", name: "look", args: { deep: [{ at: place }] }, metadata: { callId: "x" } },
              { kind: "functionResponse", name: "look", response: "10.50", failed: place === 3 },
            ],
            ...(place === 3 && { state: "error", errorDetail: "it broke" }),
            ...(place === 1 && index === 21 && { state: "in-progress" }),
          }),
        ),
      }),
    );
    await store(source.database, records);
    const key = await createKey(source.database, "default", "project", null);
    const read = async ({ origin }: TestServer) => {
      const path = "/api/v1/agents/team%2Fdesk/conversations?limit=100";
      return (await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${key}` } })).text();
    };
    const args = ["pull", "--from", "fixie", "--url", source.origin, "--agent", "team/desk", "--key-file", "-"];
    const first = await runCommand(target.url, args, `${key}\n`);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(/^imported 24 conversations, /);
    expect(await read(target)).toBe(await read(source));
    expect((await runCommand(target.url, args, key)).stdout).toBe(imported(0, 24));

    await source.database.rows(sql`UPDATE turns SET state = 'done' WHERE state = 'in-progress'`);
    await store(source.database, [
      conversation("conv_new", { agent, turns: [turn("turn_new", { timestamp: new Date(START + 1e9) })] }),
    ]);
    const second = await runCommand(target.url, args, key);
    expect(second.stdout).toBe("imported 2 conversations, 2 turns, 4 fragments (23 skipped)\n");
    expect(await read(target)).toBe(await read(source));
  } finally {
    await source.close();
    await target.close();
  }
});

test("what passes costs nothing, and an interrupted pull goes on", async () => {
  const from = await pullerFrom(
    withFaults(fixie(conversations(25)), [
      ["offset=0", { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad gateway</h1>" }],
      ["offset=19", "silence"],
      ["offset=19", "lost"],
      ["offset=19", { cut: true, body: { conversations: [] } }],
    ]),
  );
  const running = from.start();
  await expect.poll(() => pages(from), { timeout: 60_000 }).toContain("?offset=19&limit=20");
  running.process.kill("SIGTERM");
  expect(await running.outcome).toEqual({ status: 130, stdout: imported(20), stderr: "" });
  expect(await from.pull()).toEqual({ status: 0, stdout: imported(5, 20), stderr: "" });
  expect(await from.stored()).toEqual(asStored(25));
});

test("a bad conversation is named by its id, or its place, and the rest goes on", async () => {
  const list = [{ id: "turn_1", turns: [] }, listed(1), { id: "bad", turns: [{ role: "robot" }] }, { turns: "none" }];
  const from = await pullerFrom(() => ({ body: { conversations: list, pageInfo: { totalResultCount: 4 }, extra: 1 } }));
  const { status, stdout, stderr } = await from.pull();
  expect([status, stdout]).toEqual([1, imported(1)]);
  const { host } = new URL(from.origin);
  expect(stderr.split("\n")).toEqual([
    expect.stringContaining(`${host}: turn_1: id: must be`),
    expect.stringMatching(`^${host}: bad: turns\\[0\\]`),
    `${host}: offset 3: turns: must be an array`,
    "left out: unknown field extra, 2 times",
    "",
  ]);
});
