import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, remove, store, text, turn } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { type FixieBody, getFixie, getFoundry } from "../harness/get-list.ts";

const CONVERSATIONS = 100;
const TURNS = 600;
/** The turns of each conversation that are read with the page; the others as they are sent. */
const READ_WITH_THE_PAGE = 100;

let testDatabase: TestDatabase;
let database: Database;
let server: ChildProcess;
let origin: string;

beforeAll(async () => {
  testDatabase = await createDatabase();
  database = connectTo(testDatabase.url, { poolSize: 2, statementTimeoutMs: 0, lockTimeoutMs: 0 });
  // No words to index: what is measured is reading.
  const said = text("0123456789 ".repeat(40));
  for (let index = 0; index < CONVERSATIONS; index += 1) {
    const turns = Array.from({ length: TURNS }, (_, position) => turn(`t${index}.${position}`, { messages: [said] }));
    await store(database, [conversation(conversationId(index), { agent: { name: "large", version: null }, turns })]);
  }
  server = fork(new URL("measured-server.ts", import.meta.url), { env: { DATABASE_URL: testDatabase.url } });
  [origin] = await once(server, "message");
});

afterAll(async () => {
  server.disconnect();
  await once(server, "exit");
  await database.close();
  await testDatabase.drop();
});

test("a page of 100 conversations of 600 turns each is whole, and the server grows by less than three times that page", async () => {
  await askOthers();
  await getFixie({ origin }, "large", "limit=1");
  const before = await peakMemory();
  const { text: page, body } = await getFixie({ origin }, "large");
  const growth = (await peakMemory()) - before;
  expect(body.conversations.map(({ id, turns }) => [id, turns.length])).toEqual(
    Array.from({ length: CONVERSATIONS }, (_, index) => [conversationId(CONVERSATIONS - 1 - index), TURNS]),
  );
  const turnIds = body.conversations.flatMap(({ turns }) => turns.map(({ id }) => id));
  expect(new Set(turnIds).size).toBe(CONVERSATIONS * TURNS);
  expect(page.length).toBeGreaterThan(30_000_000);
  expect(growth).toBeLessThan(3 * page.length);
});

test("while a caller reads a page slowly, others are answered, and the rest of the page is not read ahead", async () => {
  const page = await openPage();
  await askOthers();
  // What is deleted before the page came to it keeps its place, and what was read of it: a page that came out short would
  // end a client's loop.
  await remove(database, conversationId(0));
  const body: FixieBody = JSON.parse(await readAll(page));
  expect(body.conversations.map(({ id, turns }) => [id, turns.length])).toEqual(
    Array.from({ length: CONVERSATIONS }, (_, index) => [
      conversationId(CONVERSATIONS - 1 - index),
      index === CONVERSATIONS - 1 ? READ_WITH_THE_PAGE : TURNS,
    ]),
  );
});

test("a caller that goes away in the middle of a page, and a page that fails there, leave the server answering", async () => {
  const left = await openPage();
  left.destroy();
  await askOthers();
  const failing = await openPage();
  await database.rows(sql`ALTER TABLE turns RENAME TO elsewhere`);
  // Broken off, so that a client cannot mistake it for the whole page.
  await expect(readAll(failing)).rejects.toThrow("aborted");
  await database.rows(sql`ALTER TABLE elsewhere RENAME TO turns`);
  await askOthers();
});

function conversationId(index: number): string {
  return `c${String(index).padStart(3, "0")}`;
}

/** The largest memory that the server process has taken up to now, in bytes. */
async function peakMemory(): Promise<number> {
  server.send("peak");
  const [bytes] = await once(server, "message");
  return bytes;
}

/** The page of which the caller has not read anything yet: far more than the sockets' buffers hold is still to come. */
function openPage(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${origin}/api/v1/agents/large/conversations`, { agent: false }, resolve).on("error", reject);
  });
}

async function readAll(page: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of page) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Requests of other callers, on the other surfaces. */
async function askOthers(): Promise<void> {
  const query = "{ conversations(first: 20) { totalCount nodes { id turns(first: 10) { nodes { id } } } } }";
  for (let count = 0; count < 10; count += 1) {
    const answers = await Promise.all([
      getFoundry({ origin }, "limit=100"),
      fetch(`${origin}/graphql?query=${encodeURIComponent(query)}`),
      fetch(`${origin}/health/ready`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  }
}
