import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";

import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { type RunningServer, runProgram, startServer } from "../harness/program.ts";
import { secretFile, signWithSecret } from "../harness/token-secret.ts";

const FIRST = `cg_${"a".repeat(43)}`;
const SECOND = `cg_${"b".repeat(43)}`;

let database: TestDatabase;
let env: Record<string, string>;
const running: RunningServer[] = [];
beforeEach(async () => {
  database = await createDatabase();
  env = { DATABASE_URL: database.url };
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop("SIGTERM")));
  await database.drop();
});

/** A new file with this content. */
async function keyFile(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "key");
  await writeFile(file, content);
  return file;
}

async function start(settings: Record<string, string>): Promise<RunningServer> {
  const server = await startServer({ ...env, ...settings });
  running.push(server);
  return server;
}

/** The statuses of a read with each of the keys. */
function statuses({ url }: RunningServer, keys: readonly string[]): Promise<number[]> {
  const read = async (key: string) =>
    (await fetch(`${url}?query={__typename}`, { headers: { "api-key": key } })).status;
  return Promise.all(keys.map(read));
}

test("INITIAL_KEY_FILE is taken in as the first key, and only as that", async () => {
  const first = await start({ INITIAL_KEY_FILE: await keyFile(` ${FIRST}\n`) });
  expect(await statuses(first, [FIRST, SECOND, ""])).toEqual([200, 401, 401]);
  expect((await runProgram(["keys", "list"], env)).stdout).toMatch(
    /^key_\w+ {2}default {2}project {2}created \S+ {2}valid/,
  );
  const second = await start({ INITIAL_KEY_FILE: await keyFile(SECOND) });
  expect(await statuses(second, [FIRST, SECOND])).toEqual([200, 401]);
});

test("a key that was revoked does not come back from its file", async () => {
  const file = await keyFile(FIRST);
  await (await startServer({ ...env, INITIAL_KEY_FILE: file })).stop("SIGTERM");
  const [id = ""] = (await runProgram(["keys", "list"], env)).stdout.split(" ");
  await runProgram(["keys", "revoke", id], env);
  expect(await statuses(await start({ INITIAL_KEY_FILE: file }), [FIRST, ""])).toEqual([401, 401]);
});

test.each([
  ["nothing", ""],
  ["something else", "a secret that is no key"],
  ["two keys", `${FIRST}\n${SECOND}\n`],
  ["a key too short", FIRST.slice(0, -1)],
])("INITIAL_KEY_FILE with %s in it stops the start, and is not repeated", async (_what, content) => {
  const file = await keyFile(content);
  const { status, stdout, stderr } = await runProgram(["serve"], { ...env, PORT: "0", INITIAL_KEY_FILE: file });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain(`INITIAL_KEY_FILE ${file} holds no key`);
  if (content !== "") expect(stderr).not.toContain(content.trim());
});

test("INITIAL_KEY_FILE that cannot be read stops the start", async () => {
  const { status, stderr } = await runProgram(["serve"], { ...env, PORT: "0", INITIAL_KEY_FILE: "/does/not/exist" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^INITIAL_KEY_FILE \/does\/not\/exist cannot be read: .+\n$/);
});

test.each(["0.0.0.0", "::", "10.0.0.1", "example.com"])(
  "HOST %s is refused while no key was ever created",
  async (host) => {
    const refused = await runProgram(["serve"], { ...env, PORT: "0", HOST: host });
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toMatch(new RegExp(`^HOST ${host} .*npm run keys -- create.*\n$`));
  },
);

test("HOST 0.0.0.0 is served with a key, and to nobody without it", async () => {
  const key = (await runProgram(["keys", "create", "--access", "project"], env)).stdout.trim();
  const { url } = await start({ HOST: "0.0.0.0" });
  const read = async (headers: Record<string, string>) =>
    (await fetch(`http://127.0.0.1:${new URL(url).port}/openai/v1/conversations`, { headers })).status;
  expect([await read({}), await read({ "api-key": key })]).toEqual([401, 200]);
});

test("HOST 0.0.0.0 is served before the first key where tokens let users in, and to nobody without one", async () => {
  const { url } = await start({ HOST: "0.0.0.0", AUTH_JWT_SECRET_FILE: await secretFile() });
  const read = async (headers: Record<string, string>) =>
    (await fetch(`http://127.0.0.1:${new URL(url).port}/openai/v1/conversations`, { headers })).status;
  expect([await read({}), await read({ authorization: `Bearer ${await signWithSecret({})}` })]).toEqual([401, 200]);
});

test("the file and another HOST go together in the first start", async () => {
  const { url } = await start({ HOST: "0.0.0.0", INITIAL_KEY_FILE: await keyFile(FIRST) });
  const response = await fetch(`http://127.0.0.1:${new URL(url).port}/health/live`);
  expect(response.status).toBe(200);
});
