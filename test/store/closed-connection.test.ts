import { once } from "node:events";
import { createServer, connect as dial, type Server, type Socket } from "node:net";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { toApiError } from "../../src/model/errors.ts";
import type { Database } from "../../src/store/database/client.ts";
import type { Executor } from "../../src/store/database/executor.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

// What stands between the server and its database may end a connection without a word, at any moment. The process must not
// end with it, and the next statement gets another connection.

let testDatabase: TestDatabase;
let between: Server;
let database: Database;
const connections = new Set<Socket>();

/** Ends the connection when such a text passes; nothing of it arrives. */
let endAt: string | null = null;

beforeAll(async () => {
  testDatabase = await createDatabase({ migrated: false });
  const target = new URL(testDatabase.url);
  between = createServer((caller) => {
    const there = dial(Number(target.port), target.hostname);
    connections.add(caller.on("error", () => {}));
    there.on("error", () => {}).pipe(caller);
    caller
      .on("close", () => there.destroy())
      .on("data", (bytes) => {
        if (endAt !== null && bytes.includes(endAt)) caller.end();
        else there.write(bytes);
      });
  }).listen(0, "127.0.0.1");
  await once(between, "listening");
  const { port } = between.address() as { port: number };
  database = connectTo(testDatabase.url.replace(target.host, `127.0.0.1:${port}`), { poolSize: 1 });
});
beforeEach(() => {
  endAt = null;
});
afterAll(async () => {
  await database.close();
  for (const connection of connections) connection.destroy();
  between.close();
  await testDatabase.drop();
});

const ask = (executor: Executor, text: string) => executor.rows<{ text: string }>(sql`SELECT ${text}::text AS text`);

test.each([
  ["begin", "begin "],
  ["the first statement", "first"],
  ["a later statement", "second"],
  ["the commit", "commit"],
])("a connection that ends at %s of a transaction fails it, and nothing else", async (_name, text) => {
  endAt = text;
  const work = database.transaction(async (transaction) => {
    await ask(transaction, "first");
    await ask(transaction, "second");
  });
  await expect(work.catch((error) => toApiError(error).code)).resolves.toBe("SERVICE_UNAVAILABLE");
  endAt = null;
  expect(await ask(database, "third")).toEqual([{ text: "third" }]);
});

test("a connection that ends at the rollback of a transaction leaves its error as it is", async () => {
  endAt = "rollback";
  const work = database.transaction(async (transaction) => {
    await ask(transaction, "first");
    throw new Error("on purpose");
  });
  await expect(work).rejects.toThrow();
  endAt = null;
  expect(await ask(database, "third")).toEqual([{ text: "third" }]);
});
