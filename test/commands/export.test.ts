import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { generateConversation } from "../../src/seed/generate-conversation.ts";
import { SAMPLE_CONVERSATIONS } from "../../src/seed/sample-conversations.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const GENERATED = Array.from({ length: 60 }, (_, index) => generateConversation(index, "export"));

let source: TestServer;
let target: TestServer;
beforeAll(async () => {
  [source, target] = await Promise.all([startTestServer(), startTestServer()]);
  await store(source.database, [...SAMPLE_CONVERSATIONS, ...GENERATED, ...ODD]);
});
afterAll(async () => {
  await source.close();
  await target.close();
});

// What a careless copy loses: no turns, ids of other systems, digits, an updatedAt and revisions of their own, metadata order.
const ODD = [
  conversation("empty one", { metadata: { b: "1", a: "2", "10": "x", "9": "y" }, updatedAt: new Date(0), revision: 7 }),
  conversation("odd", {
    isolationKey: "Zoë 🙂",
    agent: { name: "odd agent", version: "1:2" },
    revision: 9,
    turns: [
      turn("q", { revision: 9 }),
      turn("a", {
        role: "assistant",
        state: "error",
        errorDetail: "",
        inReplyToId: "q",
        messages: [
          { kind: "functionCall", name: "", args: { n: JSON.rawJSON("12345678901234567890.10"), __proto__x: null } },
          { kind: "text", content: "half", state: "in-progress", metadata: { deep: [{}] } },
        ],
      }),
    ],
  }),
];

const EVERYTHING = `query ($after: String) {
  conversations(first: 20, after: $after, orderBy: { field: UPDATED_AT }) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id createdAt updatedAt metadata agent { agentId }
      turns(first: 100) {
        totalCount
        nodes {
          id position revision role state timestamp errorDetail inReplyTo { id }
          messages {
            __typename
            ... on TextFragment { content fragmentState: state metadata }
            ... on FunctionCallFragment { name args metadata }
            ... on FunctionResponseFragment { name response failed metadata }
          }
        }
      }
    }
  }
}`;

async function readAll(server: TestServer): Promise<string[]> {
  const texts: string[] = [];
  for (let after: string | null = null; ; ) {
    const { conversations } = await ask(server, EVERYTHING, { after });
    texts.push(JSON.stringify(conversations));
    if (!conversations.pageInfo.hasNextPage) break;
    after = conversations.pageInfo.endCursor;
  }
  for (const path of ["/openai/v1/conversations?limit=100", "/api/v1/agents/support-agent/conversations"]) {
    texts.push(await (await fetch(server.origin + path)).text());
  }
  return texts;
}

test("export, then import into an empty database, gives the same answers on every surface", async () => {
  const written = await runCommand(source.url, ["export"]);
  expect([written.status, written.stderr]).toEqual([
    0,
    expect.stringMatching(/^exported 74 conversations, \d+ turns\n$/),
  ]);
  const taken = await runCommand(target.url, ["import", "-"], written.stdout);
  expect([taken.status, taken.stderr]).toEqual([0, ""]);
  expect(await readAll(target)).toEqual(await readAll(source));
  expect((await runCommand(target.url, ["export"])).stdout).toBe(written.stdout);
  expect((await runCommand(target.url, ["import", "-"], written.stdout)).stdout).toBe(
    "imported 0 conversations, 0 turns, 0 fragments (74 skipped)\n",
  );
});

test("--out writes a file that is there when it is complete; --user and --since narrow", async () => {
  const folder = await mkdtemp(join(tmpdir(), "export-"));
  const file = join(folder, "lines.jsonl");
  const ids = async () =>
    (await readFile(file, "utf8")).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).id]));
  expect((await runCommand(source.url, ["export", "--user", "Zoë 🙂", "--out", file])).status).toBe(0);
  expect(await ids()).toEqual(["odd"]);
  expect(await readdir(folder)).toEqual(["lines.jsonl"]);
  await ask(
    source,
    'mutation { updateConversation(input: { id: "empty one", metadata: [] }) { conversation { id } } }',
  );
  const since = new Date(Date.now() - 60_000).toISOString();
  expect((await runCommand(source.url, ["export", "--since", since, "--out", file])).status).toBe(0);
  expect(await ids()).toEqual(["empty one"]);
  await rm(folder, { recursive: true });
});

test.each([
  [["--since", "yesterday"], 2, "--since"],
  [["--project", "no/such"], 2, "--project"],
  [["--user", ""], 2, "--user"],
  [["--out", "/no/such/folder/file"], 1, "/no/such/folder/file cannot be written: no such file or directory\n"],
  [["--out", "test/commands"], 1, "test/commands cannot be written: illegal operation on a directory\n"],
])("export %j ends with status %i and names what is wrong", async (args, status, name) => {
  const { stderr, ...outcome } = await runCommand(source.url, ["export", ...args]);
  expect(outcome).toEqual({ status, stdout: "" });
  expect(stderr).toContain(name);
});

test("delete takes every conversation of one user, and nobody else's", async () => {
  const count = async (user: string) =>
    (await ask(source, "{ conversations { totalCount } }", {}, { "x-ms-user-isolation-key": user })).conversations
      .totalCount;
  const [all, ofAnna, ofBen] = [
    await post(source, "{ conversations { totalCount } }"),
    await count("anna"),
    await count("ben"),
  ];
  expect(ofAnna).toBeGreaterThan(0);
  expect(await runCommand(source.url, ["delete", "--user", "anna"])).toMatchObject({ status: 2, stdout: "" });
  expect(await runCommand(source.url, ["delete", "--user", "anna", "--yes"])).toMatchObject({
    status: 0,
    stdout: `deleted ${ofAnna} conversations\n`,
  });
  expect([await count("anna"), await count("ben")]).toEqual([0, ofBen]);
  const { conversations } = await ask(source, "{ conversations { totalCount } }");
  expect(conversations.totalCount).toBe(all.data.conversations.totalCount - ofAnna);
});
