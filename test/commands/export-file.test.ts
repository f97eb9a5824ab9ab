import { execFile } from "node:child_process";
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { conversation, store } from "../harness/conversations.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [conversation("one")]);
});
afterAll(() => server.close());
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), "export-"));
  onTestFinished(() => rm(made, { recursive: true }));
  folder = made;
});

const SAID = "exported 1 conversations, 0 turns\n";

const exportTo = (file: string) => runCommand(server.url, ["export", "--out", file]);
const idIn = async (file: string) => JSON.parse(await readFile(file, "utf8")).id;
const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

test("a new file is for its owner alone, even over what a broken export left", async () => {
  const file = join(folder, "new.jsonl");
  await writeFile(`${file}.part`, "left", { mode: 0o666 });
  expect(await exportTo(file)).toEqual({ status: 0, stdout: "", stderr: SAID });
  expect([await idIn(file), await modeOf(file)]).toEqual(["one", "600"]);
});

test("a file that is replaced keeps its mode", async () => {
  const file = join(folder, "old.jsonl");
  await writeFile(file, "old");
  await chmod(file, 0o664);
  expect((await exportTo(file)).status).toBe(0);
  expect([await idIn(file), await modeOf(file)]).toEqual(["one", "664"]);
});

test.each([
  ["is there", "old"],
  ["is not there yet", null],
])("a symbolic link stays, and the file behind it, which %s, is written", async (_what, content) => {
  const link = join(folder, "link");
  const file = join(folder, "file.jsonl");
  if (content !== null) await writeFile(file, content);
  await symlink("file.jsonl", link);
  expect((await exportTo(link)).status).toBe(0);
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await idIn(file)).toBe("one");
  expect((await readdir(folder)).sort()).toEqual(["file.jsonl", "link"]);
});

describe.skipIf(process.platform !== "linux")("what is no file is written to and never replaced:", () => {
  test("a named pipe", async () => {
    const pipe = join(folder, "pipe");
    await promisify(execFile)("mkfifo", [pipe]);
    const [id, { status }] = await Promise.all([idIn(pipe), exportTo(pipe)]);
    expect([id, status, (await stat(pipe)).isFIFO()]).toEqual(["one", 0, true]);
  });

  // By a link of the test's own: should this fail where everything is allowed, the machine keeps its /dev/stdout.
  test("standard output by a name of its, whatever it is", async () => {
    const link = join(folder, "stdout");
    await symlink("/proc/self/fd/1", link);
    const { status, stdout } = await exportTo(link);
    expect([status, JSON.parse(stdout).id]).toEqual([0, "one"]);
  });
});
