import { afterAll, beforeAll, expect, test } from "vitest";

import { SAMPLE_CONVERSATIONS } from "../../src/seed/sample-conversations.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { runCommand } from "../harness/run-command.ts";

/** Those that the formats of others can say: the assistant's turns that follow each other become one. */
const SAMPLES = SAMPLE_CONVERSATIONS.filter(
  ({ turns }) =>
    turns.length > 0 && turns.every(({ role }, index) => role === "user" || turns[index - 1]?.role === "user"),
);

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  const connection = connectTo(database.url);
  await store(connection, [...SAMPLES, conversation("nothing said")]);
  await connection.close();
});
afterAll(() => database.drop());

const linesOf = (text: string) => text.trimEnd().split("\n").toSorted();

test.each(["openai-items", "ui-messages", "chat"])(
  "export --to %s, import, and export again gives the same lines",
  { timeout: 180_000 },
  async (format) => {
    const written = await runCommand(database.url, ["export", "--to", format]);
    expect(written.status).toBe(0);
    expect(written.stderr).toMatch(/^left out: inReplyTo, \d+ times$/m);
    expect(written.stderr).toMatch(/^left out: conversation without turns, once$/m);
    expect(written.stderr).toMatch(new RegExp(`^exported ${SAMPLES.length} conversations, \\d+ turns$`, "m"));
    const taken = await runCommand(database.url, ["import", "-", "--project", format], written.stdout);
    expect([taken.status, taken.stderr]).toEqual([0, ""]);
    expect(taken.stdout).toMatch(new RegExp(`^imported ${SAMPLES.length} conversations, `));
    const again = await runCommand(database.url, ["export", "--to", format, "--project", format]);
    expect(linesOf(again.stdout).filter((line) => !linesOf(written.stdout).includes(line))).toEqual([]);
  },
);

test("export --to takes the names that --help explains", async () => {
  const wrong = await runCommand(database.url, ["export", "--to", "csv"]);
  expect(wrong).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("--to must be one of openai-items, ui-messages, chat"),
  });
  const { stdout } = await runCommand(database.url, ["export", "--help"]);
  expect(stdout).toContain(
    "  openai-items  an OpenAI conversation with its Responses items {id, created_at, metadata, items: […]}\n",
  );
  expect(stdout).toContain(
    "  ui-messages   UI messages of the AI SDK 5 and 6 {id, messages: [{id, role, parts}, …]}\n",
  );
  expect(stdout).toContain("  chat          OpenAI chat messages {id, messages: [{role, content, tool_calls}, …]}\n");
});
