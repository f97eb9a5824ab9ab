import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { sql } from "drizzle-orm";
import { expect, onTestFinished, test } from "vitest";

import type { Executor } from "../../src/store/database/executor.ts";
import { readProject } from "../../src/store/read/projects.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase } from "../harness/database.ts";
import { runCommand } from "../harness/run-command.ts";
import { takeStatements } from "../harness/statements/check.ts";

const SRC = fileURLToPath(new URL("../../src/store/", import.meta.url));

/** Calls that send a text as it stands, by file. All but the statements of `toStatement` are fixed, and read no table of the product. */
const SENDERS: Record<string, number> = {
  "database/ask-once.ts": 1,
  "database/client.ts": 1,
  "database/copy-transaction.ts": 2,
  "database/driver.ts": 1,
  "database/listener.ts": 2,
  "database/send.ts": 2,
  "database/standby.ts": 1,
  "replicas/wal-position.ts": 1,
};

async function openDatabase() {
  const { url, drop } = await createDatabase();
  const database = connectTo(url);
  onTestFinished(async () => {
    await database.close();
    await drop();
  });
  return { url, database };
}

test("every statement of the store passes the place where tests see it", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const senders = files.flatMap((file) => {
    const calls = readFileSync(join(SRC, file), "utf8").match(/\.unsafe\b/g) ?? [];
    return calls.length === 0 ? [] : [[file, calls.length] as const];
  });
  expect(Object.fromEntries(senders.sort())).toEqual(SENDERS);
});

test("statements of this process are seen with their authors, those of a test's own are not", async () => {
  const { database } = await openDatabase();
  // Each text is seen once.
  const mark = randomUUID();
  const marked = (executor: Executor, place: string): Executor => ({
    ...executor,
    read: (statement) => executor.read(sql`${sql.raw(`/* ${place} ${mark} */`)} ${statement}`),
  });
  takeStatements();
  await database.read(sql`SELECT ${sql.raw(`'own ${mark}'`)} FROM turns`);
  await readProject(marked(database, "pool"), "none");
  await database.transaction((transaction) => readProject(marked(transaction, "transaction"), "none"));
  const seen = takeStatements();
  expect(seen.map(({ author, text }) => `${author} ${text.slice(0, text.indexOf(mark))}`)).toEqual([
    "store/read/projects.ts /* pool ",
    "store/read/projects.ts /* transaction ",
  ]);
});

test("statements of processes that tests start are seen", async () => {
  const { url } = await openDatabase();
  takeStatements();
  expect((await runCommand(url, ["projects", "list"])).status).toBe(0);
  expect(takeStatements().map(({ author }) => author)).toContain("store/keys/projects.ts");
});
