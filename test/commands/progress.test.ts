import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";

import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { runCommand } from "../harness/run-command.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
  const talk = JSON.stringify([{ role: "user", content: "Hello" }]);
  await writeFile(join(folder, "chats.jsonl"), `${talk}\n${talk.replace("Hello", "Bye")}\n`);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

/** Runs the command on a terminal of its own; answers all that it wrote there. */
async function runOnTerminal(args: readonly string[]): Promise<string> {
  const record = join(folder, "record");
  const command = [process.execPath, "src/main.ts", ...args].map((part) => `'${part}'`).join(" ");
  const env = { ...process.env, DATABASE_URL: database.url };
  const running = promisify(execFile)("script", ["-qec", command, record], { cwd: ROOT, env });
  running.child.stdin?.end();
  await running;
  return readFile(record, "utf8");
}

// In this order each finds something to do, both times.
const COMMANDS: [string, (round: string) => string[], string][] = [
  ["seed", (round) => ["seed", "--conversations", "5", "--seed", round], "added 5 conversations"],
  ["export", (round) => ["export", "--out", join(folder, round)], "exported "],
  ["import", () => ["import", join(folder, "chats.jsonl"), "--user", "ann"], "imported 2 conversations"],
  ["delete", () => ["delete", "--user", "ann", "--yes"], "deleted 2 conversations"],
];

// The commands build on each other.
test.skipIf(process.platform !== "linux").each(COMMANDS)("%s draws its progress on a terminal", async (...command) => {
  const [, args, summary] = command;
  const drawn = await runOnTerminal(args("terminal"));
  expect(drawn).toContain(" conversations\u001b[0K");
  expect(drawn).toContain(summary);
});

test.each(COMMANDS)("%s draws nothing elsewhere", async (...command) => {
  const [, args, summary] = command;
  const { status, stdout, stderr } = await runCommand(database.url, args("pipe"));
  expect(status).toBe(0);
  expect(stdout + stderr).toMatch(new RegExp(`^${summary}.*\n$`));
});

test("a file that cannot be read is named, with the reason", async () => {
  const file = join(folder, "missing.json");
  const outcome = await runCommand(database.url, ["import", file]);
  expect(outcome).toEqual({ status: 1, stdout: "", stderr: `${file} cannot be read: no such file or directory\n` });
});
