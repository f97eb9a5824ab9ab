import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";

import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { START_FLAGS } from "../harness/start-flags.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = "node_modules/conversation-graph/src/bin.js";
const run = promisify(execFile);

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
  await install(folder);
});
afterAll(() => Promise.all([database.drop(), rm(folder, { recursive: true })]));

/** Puts the package into the empty folder, and what it depends on beside it: the checkout's, as tests ask no registry. */
async function install(target: string): Promise<void> {
  const modules = join(target, "node_modules");
  await mkdir(modules);
  await run("npm", ["pack", "--silent", "--pack-destination", target], { cwd: ROOT });
  const archive = (await readdir(target)).find((name) => name.endsWith(".tgz")) ?? "";
  await run("tar", ["xzf", join(target, archive), "-C", modules]);
  await rename(join(modules, "package"), join(modules, "conversation-graph"));
  for (const name of await readdir(join(ROOT, "node_modules"))) {
    if (!name.startsWith(".")) await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
}

test("the package serves from an empty folder, and SIGTERM ends it in order", async () => {
  const env = { PATH: process.env.PATH, DATABASE_URL: database.url, PORT: "0" };
  const server = spawn(process.execPath, [BIN, "serve"], { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(server, "close");
  const [line] = await once(createInterface(server.stdout), "line");
  const { origin } = new URL(String(line).replace("listening on ", ""));

  const answer = await fetch(`${origin}/graphql?query={conversations{totalCount}}`);
  expect(await answer.json()).toEqual({ data: { conversations: { totalCount: 0 } } });
  for (const path of ["/", "/docs", "/schema.graphql", "/openapi.json", "/health/ready"]) {
    expect([path, (await fetch(origin + path)).status]).toEqual([path, 200]);
  }
  server.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test("its commands are called by its name", async () => {
  const { stdout } = await run(process.execPath, [BIN, "--help"], { cwd: folder });
  expect(stdout).toContain("Usage: conversation-graph COMMAND [OPTIONS]");
  const misspelt = run(process.execPath, [BIN, "export", "--agents"], { cwd: folder });
  await expect(misspelt).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("`conversation-graph export --help`"),
  });
});

/** Runs the program in a Node that is changed by the JavaScript before. */
const runAfter = (script: string, ...args: string[]) =>
  run(process.execPath, [
    "--import",
    `data:text/javascript,${encodeURIComponent(script)}`,
    join(ROOT, "src/bin.js"),
    ...args,
  ]);

test("an older Node says which one is needed", async () => {
  const old = `Object.defineProperty(process, "versions", { value: { node: "20.20.2" } })`;
  const stderr = "conversation-graph needs Node 24 or later; this is 20.20.2.\n";
  await expect(runAfter(old, "serve")).rejects.toMatchObject({ code: 1, stdout: "", stderr });
});

test("serve runs in the same process, with its flags", async () => {
  const told = "process.execve = (file, args) => { console.log(JSON.stringify(args)); process.exit(); }";
  const { stdout } = await runAfter(told, "serve", "--help");
  const args: string[] = JSON.parse(stdout);
  expect(args[0]).toBe(process.execPath);
  expect(args.slice(-START_FLAGS.length - 3)).toEqual([...START_FLAGS, join(ROOT, "src/bin.js"), "serve", "--help"]);
});
