import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { keysCommand } from "../../src/commands/keys.ts";
import { hashKey, listKeys } from "../../src/store/keys/keys.ts";
import { runProgram } from "../harness/program.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const keys = (...args: string[]) => runProgram(["keys", ...args], { DATABASE_URL: server.url });

async function rowOf(key: string) {
  const row = (await listKeys(server.database)).find(({ hash }) => hash === hashKey(key));
  if (row === undefined) throw new Error("There is no such key.");
  return row;
}

/** Waits until a read with the key has this status, which takes a second at most. */
async function becomes(key: string, status: number): Promise<void> {
  const read = () => fetch(`${server.origin}/openai/v1/conversations`, { headers: { "api-key": key } });
  await vi.waitFor(async () => expect((await read()).status).toBe(status), { timeout: 5000, interval: 20 });
}

const HOUR_MS = 3_600_000;

test("a key with limits is created, listed with them, and replaced by one with the same", async () => {
  const rights = ["--access", "user", "--user", "alice", "--read-only", "--expires", "30d", "--note", "for a phone"];
  const old = (await keys("create", ...rights)).stdout.trim();
  await becomes(old, 200);
  const before = await rowOf(old);
  const lifetime = 30 * 24 * HOUR_MS;
  expect(before).toMatchObject({ access: "user", isolationKey: "alice", readOnly: true, note: "for a phone" });
  expect(Number(before.expiresAt) - Number(before.createdAt)).toBe(lifetime);

  const rotated = await keys("rotate", before.id);
  expect(rotated).toMatchObject({ status: 0, stderr: "", stdout: expect.stringMatching(/^cg_[A-Za-z0-9_-]{43}\n$/) });
  const key = rotated.stdout.trim();
  await becomes(key, 200);
  await becomes(old, 200);
  const [ended, made] = [await rowOf(old), await rowOf(key)];
  const { projectId, access, isolationKey, readOnly, note } = before;
  expect(made).toMatchObject({ projectId, access, isolationKey, readOnly, note, replacedBy: null, state: "valid" });
  expect(Number(made.expiresAt) - Number(made.createdAt)).toBe(lifetime);
  expect(ended).toMatchObject({ replacedBy: made.id, revokedAt: null });
  expect(Number(ended.expiresAt) - Number(made.createdAt)).toBe(24 * HOUR_MS);

  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
  const common = `default  user alice  read-only  created ${time}  valid until ${time}  used \\d{4}-\\d\\d-\\d\\dT\\d\\d:00Z`;
  const lines = [`${ended.id}  ${common}  replaced by ${made.id}  for a phone`, `${made.id}  ${common}  for a phone`];
  await vi.waitFor(async () => expect((await rowOf(key)).lastUsedAt).not.toBeNull(), { timeout: 5000 });
  expect((await keys("list")).stdout).toMatch(new RegExp(`^${lines.join("\n")}\n$`));

  const again = await keys("rotate", ended.id);
  expect(again).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining(`${ended.id} that was not`) });
  const last = (await keys("rotate", made.id, "--grace", "0m")).stdout.trim();
  await becomes(key, 401);
  await becomes(last, 200);
  expect(await rowOf(key)).toMatchObject({ state: "revoked" });
});

test.each([
  [{ access: "project", user: "alice" }, ["create"], "--user needs --access user"],
  [{ access: "user", user: "" }, ["create"], "--user must not be empty"],
  [{ access: "user", user: "x".repeat(257) }, ["create"], "--user must not be longer than 256 bytes"],
  [{ access: "user", expires: "soon" }, ["create"], "--expires must be a number of days, hours or minutes"],
  [{ access: "user", expires: "30" }, ["create"], "--expires must be"],
  [{ access: "user", expires: "36501d" }, ["create"], "--expires must be"],
  [{ access: "user", expires: "0d" }, ["create"], "--expires must be later than now"],
  [{ access: "user", grace: "1h" }, ["create"], "--grace belongs to keys rotate"],
  [{ "read-only": true }, ["rotate", "key_0"], "--read-only belongs to keys create"],
  [{ grace: "-1h" }, ["rotate", "key_0"], "--grace must be"],
  [{}, ["rotate"], "keys rotate needs the ID"],
])("is refused before the database is opened: %j to keys %j", async (values, positionals, reason) => {
  const openDatabase = () => Promise.reject(new Error("opened"));
  // Safe cast: all that the command asks for.
  const context = { values, positionals, openDatabase } as unknown as Parameters<typeof keysCommand.run>[0];
  await expect(keysCommand.run(context)).rejects.toThrow(reason);
});
