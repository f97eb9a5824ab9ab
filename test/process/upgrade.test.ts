import { readdirSync, readFileSync } from "node:fs";

import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { runCommand } from "../harness/run-command.ts";

const FOLDER = new URL("released/", import.meta.url);
const VERSIONS = readdirSync(FOLDER).flatMap((file) => (file.endsWith(".sql") ? [file.slice(0, -".sql".length)] : []));
const KEY = `cg_${"d".repeat(43)}`;

interface Exported {
  id: string;
  turns: { id: string }[];
}

const parseLines = (text: string): Exported[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe.each(VERSIONS)("a database of %s", (version) => {
  const exported = parseLines(readFileSync(new URL(`${version}.jsonl`, FOLDER), "utf8"));
  const [last] = exported.slice(-1);
  let database: TestDatabase;
  let server: RunningServer;
  beforeAll(async () => {
    database = await createDatabase({ migrated: false });
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    await sql.unsafe(readFileSync(new URL(`${version}.sql`, FOLDER), "utf8"));
    await sql.end();
    server = await startServer({ DATABASE_URL: database.url, STALE_TURN_MINUTES: "0" });
  });
  afterAll(async () => {
    await server.stop("SIGTERM");
    await database.drop();
  });

  const ask = async (query: string) => {
    const headers = { "content-type": "application/json", "api-key": KEY, "x-ms-user-isolation-key": "alice" };
    const answer = await fetch(server.url, { method: "POST", headers, body: JSON.stringify({ query }) });
    return answer.json();
  };

  test("exports all that the release exported", async () => {
    const { status, stdout } = await runCommand(database.url, ["export"]);
    expect(status).toBe(0);
    expect(parseLines(stdout)).toMatchObject(exported);
  });

  test("lists every conversation to a key of the release", async () => {
    const { origin } = new URL(server.url);
    const answer = await fetch(`${origin}/openai/v1/conversations`, { headers: { "api-key": KEY } });
    const { data } = await answer.json();
    expect(data.map(({ id }: { id: string }) => id).sort()).toEqual(exported.map(({ id }) => id).sort());
  });

  test("counts and finds what was written", async () => {
    const answer = await ask(
      `{ conversations(filter: { search: "refund" }) { totalCount nodes { id title lastTurn { state } } } }`,
    );
    const found = { id: last?.id, title: "Refund", lastTurn: { state: "IN_PROGRESS" } };
    expect(answer).toEqual({ data: { conversations: { totalCount: 1, nodes: [found] } } });
  });

  test("knows an idempotency key again", async () => {
    const answer = await ask(`mutation { createConversation(input: {
      idempotencyKey: "first", agent: { name: "support", version: "2" }, metadata: [{ key: "title", value: "Refund" }],
      turns: [{ role: USER, messages: [{ text: { content: "Where is my refund?" } }] }]
    }) { conversation { id } } }`);
    expect(answer).toEqual({ data: { createConversation: { conversation: { id: last?.id } } } });
  });

  test("lets a turn in progress go on", async () => {
    const [open] = (last?.turns ?? []).slice(-1);
    const answer =
      await ask(`mutation { updateTurn(input: { id: "${open?.id}", appendText: "And then?", state: DONE }) {
      turn { state messages { ... on TextFragment { content } } } } }`);
    const turn = { state: "DONE", messages: [{ content: "It is on its w" }, { content: "And then?" }] };
    expect(answer).toEqual({ data: { updateTurn: { turn } } });
  });
});
