import { createHash } from "node:crypto";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createKey, hashKey } from "../../src/store/keys/keys.ts";
import { CREATE, MARK, MARKED_CONVERSATION, MARKED_REQUESTS, postJson } from "../harness/marked-requests.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { createTrigger } from "../harness/triggers.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";

const USER = `${MARK} the user`;
const INPUT = { input: MARKED_CONVERSATION };

/** A line of the log. */
interface Line {
  msg: string;
  requestId?: string;
  project?: string;
  user?: string;
  err?: Record<string, string>;
  [member: string]: unknown;
}

let here: TestServer;
let server: RunningServer;
let keys: string[];
let headers: Record<string, string>;
let log: string;
let lines: Line[];
// What was answered, and the ids of the answers that were errors of the database, by their SQLSTATE.
const answered: { requestId: string; surface: string; status: number }[] = [];
const failed: Record<string, string[]> = {};

async function send(surface: string, path: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(new URL(path, server.url), { ...init, headers: { ...headers, ...init.headers } });
  await response.text();
  const requestId = response.headers.get("x-request-id") ?? "";
  answered.push({ requestId, surface, status: response.status });
  return requestId;
}

beforeAll(async () => {
  here = await startTestServer();
  const { database } = here;
  keys = [await createKey(database, "shop", "user", null), await createKey(database, "shop", "project", null)];
  headers = { "api-key": keys[0] ?? "", "x-ms-user-isolation-key": USER };
  server = await startServer({ DATABASE_URL: here.url, LOG_LEVEL: "trace" });
  for (const request of MARKED_REQUESTS) await send(...request);
  await send("graphql", "/graphql", {
    headers: { "api-key": keys[1] ?? "", "content-type": "text/plain" },
    method: "POST",
  });
  await writeAndWatch();
  await breakDatabase();
  const { stdout, stderr } = await server.stop("SIGTERM");
  log = stdout + stderr;
  lines = stderr
    .trim()
    .split("\n")
    .map((line): Line => JSON.parse(line));
});
afterAll(() => here.close());

/** What is written comes to a watcher; then the database fails under it. */
async function writeAndWatch(): Promise<void> {
  const { origin } = new URL(server.url);
  const conversationId = await create({ origin }, MARKED_CONVERSATION, headers);
  const watching = await watch({ origin }, { conversationId }, headers);
  await append({ origin }, { conversationId, turn: says(MARK), idempotencyKey: `${MARK} append` }, headers);
  await watching.take(1);
  await here.database.rows(sql`ALTER TABLE turns RENAME COLUMN error_detail TO hidden`);
  await here.database.rows(sql`SELECT pg_notify('conversation_changed', ${JSON.stringify(["shop", conversationId])})`);
  const event = await watching.next();
  failed["42703"] = (event?.errors ?? []).map(({ extensions }) => String(extensions?.requestId));
  watching.leave();
  await here.database.rows(sql`ALTER TABLE turns RENAME COLUMN hidden TO error_detail`);
}

/** Lets writes and reads fail in one way after another. PostgreSQL quotes what is written in the errors of each. */
async function breakDatabase(): Promise<void> {
  const { database } = here;
  const write = () => send("graphql", "/graphql", postJson(CREATE, INPUT));
  await database.rows(sql`ALTER TABLE turns ADD CONSTRAINT broken_check CHECK (length(messages::text) < 3) NOT VALID`);
  failed["23514"] = [await write()];
  await database.rows(sql`CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'broken: %', NEW USING DETAIL = NEW::text, HINT = NEW::text; END $$`);
  await createTrigger(database, sql`CREATE TRIGGER break BEFORE INSERT ON turns FOR EACH ROW EXECUTE FUNCTION break()`);
  failed.P0001 = [await write()];
  await database.rows(sql`DROP TABLE turns CASCADE`);
  failed["42P01"] = [
    await write(),
    await send("graphql", "/graphql", postJson(`{ node(id: "${MARK}") { id } }`)),
    await send("foundry", `/openai/v1/conversations?after=${MARK}`),
    await send("fixie", `/api/v1/agents/${MARK}%20agent/conversations`),
  ];
}

test("no text, key or user that a request carries is in the log", () => {
  expect(answered.map(({ status }) => status)).toEqual(
    expect.arrayContaining([200, 400, 401, 404, 405, 413, 415, 500, 503]),
  );
  expect(log).not.toContain(MARK);
  for (const secret of [...keys, ...keys.map(hashKey), ...keys.map((key) => key.slice(3))])
    expect(log).not.toContain(secret);
});

test("each request is one line: its id, surface, status and duration, and the operation that was run", () => {
  for (const { requestId, surface, status } of answered) {
    const line = lines.filter((found) => found.requestId === requestId && found.msg === "request");
    expect(line).toEqual([
      expect.objectContaining({ surface, status, durationMs: expect.any(Number), method: expect.any(String) }),
    ]);
  }
  const operations = new Set(lines.map(({ operation }) => operation));
  const stored = ["FoundryConversations", "FoundryCursors", "FixieConversations"];
  expect(operations).toEqual(
    new Set([undefined, "Create", "Filtered", "Paged", "query", "mutation", "subscription", ...stored]),
  );
});

test("a user is told by a hash that only this process can make", async () => {
  const users = new Set(lines.flatMap(({ user }) => (user === undefined ? [] : [user])));
  expect([...users]).toEqual([expect.stringMatching(/^[\w-]{16,}$/)]);
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    const [user = ""] = users;
    expect(createHash("sha256").update(USER).digest(encoding)).not.toContain(user);
  }
  expect(new Set(lines.flatMap(({ project }) => project ?? []))).toEqual(new Set(["shop"]));
  const other = await startServer({ DATABASE_URL: here.url, LOG_LEVEL: "trace" });
  await fetch(new URL("/openai/v1/conversations", other.url), { headers });
  const { stderr } = await other.stop("SIGTERM");
  expect(stderr).toMatch(/"user":"[\w-]{16,}"/);
  for (const user of users) expect(stderr).not.toContain(user);
});

test("an error of the server is under its request's id, with what finds its place and nothing that quotes", () => {
  const failures = lines.filter(({ msg }) => msg === "request failed");
  for (const [code, requestIds] of Object.entries(failed)) {
    for (const requestId of requestIds) {
      const [{ err } = { err: undefined }, ...others] = failures.filter((line) => line.requestId === requestId);
      expect(err).toMatchObject({ name: "PostgresError", code, stack: expect.stringMatching(/^ +at .+:\d+:\d+\)?$/m) });
      expect(Object.keys(err ?? {}).filter((name) => !KEPT.includes(name))).toEqual([]);
      expect(others).toEqual([]);
    }
  }
  expect(failures).toHaveLength(Object.values(failed).flat().length);
  expect(failures.find(({ err }) => err?.code === "23514")?.err).toMatchObject({
    table: "turns",
    constraint: "broken_check",
  });
  expect(failures.find(({ err }) => err?.code === "42P01")?.err).toMatchObject({
    message: expect.stringContaining("does not exist"),
  });
});

const KEPT = ["name", "code", "message", "constraint", "table", "routine", "stack"];
