import { sql } from "drizzle-orm";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";
import { answered, asStored, conversation, conversations, said } from "./foundry-conversations.ts";
import { imported, type Puller, startPuller, withFaults } from "./pulled.ts";
import { type Answer, foundry, foundryError } from "./stand-in.ts";

// Each test starts several processes, on a machine that may have other work.
vi.setConfig({ testTimeout: 120_000 });

let server: TestServer;
let puller: Puller;

beforeAll(async () => {
  server = await startTestServer();
});

afterEach(() => puller.close());

afterAll(() => server.close());

async function pullerFrom(answer: Answer): Promise<Puller> {
  puller = await startPuller(server, answer, (origin) => ["--from", "foundry", "--url", `${origin}/api/projects/p`]);
  return puller;
}

const lists = ({ asked }: Puller) => asked.filter((path) => !path.includes("/items"));
const itemLists = ({ asked }: Puller) => asked.filter((path) => path.includes("/items"));

test("every page is copied, and pulling again changes nothing", async () => {
  const from = await pullerFrom(foundry(conversations(103), "s3cret"));
  expect(await from.pull("--key", "s3cret")).toEqual({ status: 0, stdout: imported(103), stderr: "" });
  expect(await from.stored()).toEqual(asStored(103));
  expect(lists(from)).toEqual([
    "/api/projects/p/openai/v1/conversations?limit=100&order=asc",
    "/api/projects/p/openai/v1/conversations?limit=100&order=asc&after=conv_099",
    // What was added while the last page's items were read.
    "/api/projects/p/openai/v1/conversations?limit=100&order=asc&after=conv_102",
  ]);
  expect((await from.pull("--key", "s3cret")).stdout).toBe(imported(0, 103));
  expect(await from.stored()).toEqual(asStored(103));
});

test("both lists of this server show what the service has: ids, times, metadata, calls with every digit", async () => {
  const list = [
    conversation(1, {
      metadata: { topic: "refund", channel: "web" },
      items: [
        said("msg_a", "Where is it?"),
        { type: "reasoning", id: "rs_b", summary: [] },
        {
          type: "function_call",
          id: "fc_c",
          call_id: "call_1",
          name: "findOrder",
          arguments: '{"order": 12345678901234567890, "weight": 1.10}',
          status: "completed",
        },
        { type: "function_call_output", id: "fco_d", call_id: "call_1", output: '{"eta":1.50}', status: "completed" },
        {
          type: "file_search_call",
          id: "fs_f",
          status: "completed",
          queries: ["eta"],
          results: [{ file_id: "f", score: 0.5 }],
        },
        answered("msg_e", "On its way."),
      ],
    }),
  ];
  const answering = foundry(list);
  const from = await pullerFrom(async (request) => {
    const reply = await answering(request);
    if (typeof reply === "string") return reply;
    return { ...reply, body: JSON.stringify(reply.body).replace('"score":0.5', '"score":0.50') };
  });
  const outcome = await from.pull("--agent", "desk", "--project", "default");
  expect(outcome.stdout).toBe("imported 0 conversations, 0 turns, 0 fragments (0 skipped)\n");
  list.splice(0, 1, { ...conversation(1), ...list[0], agent: "desk:2" });
  expect(await from.pull("--agent", "desk:2", "--project", "default")).toEqual({
    status: 0,
    stdout: "imported 1 conversations, 2 turns, 5 fragments (0 skipped)\n",
    stderr: "",
  });
  const read = async (path: string) => (await fetch(`${server.origin}${path}`)).text();
  expect(await read("/openai/v1/conversations?agent_id=desk:2")).toBe(
    '{"data":[{"id":"conv_001","object":"conversation","created_at":1741900001,"metadata":{"topic":"refund","channel":"web"}}],' +
      '"first_id":"conv_001","last_id":"conv_001","has_more":false}',
  );
  expect(await read("/api/v1/agents/desk/conversations")).toBe(
    '{"conversations":[{"id":"conv_001","turns":[' +
      '{"id":"msg_a","timestamp":"2025-03-13T21:06:41.000Z","role":"user",' +
      '"messages":[{"kind":"text","content":"Where is it?","state":"done"}],"state":"done"},' +
      '{"id":"fc_c","timestamp":"2025-03-13T21:06:42.000Z","role":"assistant","messages":[' +
      '{"kind":"functionCall","name":"findOrder","args":{"order":12345678901234567890,"weight":1.10},"metadata":{"callId":"call_1"}},' +
      '{"kind":"functionResponse","name":"findOrder","response":"{\\"eta\\":1.50}","failed":false,"metadata":{"callId":"call_1"}},' +
      '{"kind":"functionCall","name":"file_search_call","args":{"queries":["eta"],"results":[{"file_id":"f","score":0.50}]}},' +
      '{"kind":"text","content":"On its way.","state":"done"}],"state":"done"}]}],' +
      '"pageInfo":{"requestedPageSize":100,"requestedOffset":0,"totalResultCount":1}}',
  );
});

test("a later pull adds new conversations and turns, and takes over what an answer became", async () => {
  const list = conversations(3);
  const from = await pullerFrom(foundry(list));
  list[1] = conversation(1, {
    items: [said("msg_1_1", "question 1"), answered("msg_1_2", "ans", "in_progress")],
  });
  await from.pull();
  list[1] = conversation(1);
  list[2]?.items.push(said("msg_2_3", "more"), answered("msg_2_4", "of course"));
  list.push(conversation(3));
  expect((await from.pull()).stdout).toBe("imported 3 conversations, 5 turns, 5 fragments (1 skipped)\n");
  expect(await from.stored()).toEqual([
    "conv_000 | question 0 | answer 0",
    "conv_001 | question 1 | answer 1",
    "conv_002 | question 2 | answer 2 | more | of course",
    "conv_003 | question 3 | answer 3",
  ]);
});

test("--isolation-key asks for one user's conversations and keeps them under that user, --user under another", async () => {
  const list = [conversation(0, { user: "ü ser" }), conversation(1, { user: "ben" }), conversation(2)];
  const users = () =>
    server.database.rows(
      sql`SELECT id, isolation_key FROM conversations WHERE project_id = ${puller.project} ORDER BY id`,
    );
  const answer = foundry(list);
  // Node hands over a header's bytes one by one.
  const from = await pullerFrom((request) => {
    const user = request.headers["x-ms-user-isolation-key"]?.toString();
    const headers = user === undefined ? {} : { "x-ms-user-isolation-key": Buffer.from(user, "latin1").toString() };
    return answer({ ...request, headers });
  });
  expect((await from.pull("--isolation-key", "ü ser")).stdout).toBe(imported(1));
  expect((await from.pull("--isolation-key", "ben", "--user", "benjamin")).stdout).toBe(imported(1));
  expect(await users()).toEqual([
    { id: "conv_000", isolation_key: "ü ser" },
    { id: "conv_001", isolation_key: "benjamin" },
  ]);
});

test("what passes costs nothing: errors of the service, answers cut off, lost connections, a limit of requests", async () => {
  const from = await pullerFrom(
    withFaults(foundry(conversations(103)), [
      ["order=asc", foundryError(500, null, "The server had an error.")],
      ["after=conv_099", { cut: true, body: { data: [], has_more: false } }],
      ["conv_001/items", "lost"],
      ["conv_002/items", { ...limited, headers: { "retry-after": "1" } }],
      ["conv_003/items", { ...limited, headers: { "retry-after": new Date().toUTCString() } }],
      ["conv_101/items", { cut: true, body: "{}" }],
    ]),
  );
  expect(await from.pull()).toEqual({ status: 0, stdout: imported(103), stderr: "" });
  expect(await from.stored()).toEqual(asStored(103));
  expect(from.asked).toHaveLength(103 + 3 + 6);
});

const limited = { status: 429, body: { error: { message: "Too many requests." } } };

test("what does not pass ends the pull, keeps what came before, and the next one goes on", async () => {
  const away = { status: 503, headers: { "retry-after": "0" }, body: "away" };
  const from = await pullerFrom(withFaults(foundry(conversations(4)), Array(6).fill(["conv_002/items", away])));
  const { status, stdout, stderr } = await from.pull();
  expect([status, stdout]).toEqual([1, imported(2)]);
  expect(stderr).toBe(
    `${new URL(from.origin).host}: GET ${from.origin}/api/projects/p/openai/v1/conversations/conv_002/items: 503 Service Unavailable
Conversations that were imported before it are kept, each of them whole. Run the same command again to go on.\n`,
  );
  expect((await from.pull()).stdout).toBe(imported(2, 2));
  expect(await from.stored()).toEqual(asStored(4));
});

describe.each([
  ["SIGINT", { status: 130, stdout: imported(2) }],
  ["SIGKILL", { status: null, stdout: "" }],
] as const)("stopped by %s", (signal, outcome) => {
  test("it has whole conversations, and with --skip-known asks for the items of no known one again", async () => {
    const from = await pullerFrom(withFaults(foundry(conversations(4)), [["conv_002/items", "silence"]]));
    const running = from.start();
    await expect.poll(() => itemLists(from), { timeout: 60_000 }).toHaveLength(3);
    // What was read is stored while the next is asked for.
    await expect.poll(() => from.stored(), { timeout: 60_000 }).toEqual(asStored(2));
    running.process.kill(signal);
    expect(await running.outcome).toEqual({ ...outcome, stderr: "" });
    expect(await from.stored()).toEqual(asStored(2));
    from.asked.length = 0;
    expect(await from.pull("--skip-known")).toEqual({ status: 0, stdout: imported(2, 2), stderr: "" });
    expect(itemLists(from).map((path) => path.match(/conv_\d+/)?.[0])).toEqual(["conv_002", "conv_003"]);
    expect(await from.stored()).toEqual(asStored(4));
  });
});

test("a conversation that is deleted before its items were read is named", async () => {
  const list = conversations(3);
  const answer = foundry(list);
  const from = await pullerFrom((request) => {
    if (request.url.pathname.includes("conv_001/items")) list.splice(1, 1);
    return answer(request);
  });
  const { status, stdout, stderr } = await from.pull();
  expect([status, stdout]).toEqual([1, imported(2)]);
  expect(stderr).toMatch(/: conv_001: its items are not found: \S+ \S+ 404 Conversation with id 'conv_001' not found/);
});

test("a bad conversation is named, and the rest goes on", async () => {
  const list = conversations(3);
  list[1] = conversation(1, {
    items: [said("msg_1", "\0")],
  });
  const from = await pullerFrom(foundry(list));
  const { status, stdout, stderr } = await from.pull();
  expect([status, stdout]).toEqual([1, imported(2)]);
  expect(stderr).toBe(
    `${new URL(from.origin).host}: conv_001: items[0].content[0].text: holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)\n`,
  );
});

test("another conversation-graph serves no items, and the message says how it is pulled", async () => {
  const from = await pullerFrom((request) => {
    if (request.url.pathname.endsWith("/items"))
      return foundryError(404, null, `Invalid URL (GET ${request.url.pathname})`);
    return foundry(conversations(2))(request);
  });
  const { status, stderr } = await from.pull();
  expect(status).toBe(1);
  expect(stderr).toContain("Another conversation-graph is pulled with --from fixie.");
});

test("the official client reads the stand-in as the pull does", async () => {
  const from = await pullerFrom(foundry(conversations(2)));
  const client = new OpenAI({ baseURL: `${from.origin}/api/projects/p/openai/v1`, apiKey: "any" });
  const items = [];
  for await (const item of client.conversations.items.list("conv_001", { limit: 1, order: "asc" })) items.push(item);
  expect(items).toEqual(conversation(1).items);
});
