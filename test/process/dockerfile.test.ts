import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";
import { newDataFolder } from "../harness/data-folder.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const KEY = `cg_${"d".repeat(43)}`;

const lines = readFileSync(join(ROOT, ".docker/Dockerfile"), "utf8").split("\n");

/** What stands behind the instruction, on each line that has it. */
const instructions = (name: string) =>
  lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

const commandOf = (name: string): string[] =>
  JSON.parse(
    instructions(name)
      .join()
      .replace(/^.*?CMD (?=\[)/, ""),
  );

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ migrated: false });
});
afterAll(() => database.drop());

test("what the image is made of is there, and is not left out of what is sent to Docker", () => {
  const sent = readFileSync(join(ROOT, ".docker/Dockerfile.dockerignore"), "utf8").split("\n");
  const copied = instructions("COPY").flatMap((line) => line.split(" ").slice(0, -1));
  expect(copied).toEqual(["package.json", "package-lock.json", "drizzle", "src"]);
  for (const path of copied) {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(sent).toContain(`!${path}`);
  }
});

test("its command is that of `npm start`", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(["exec", ...commandOf("CMD")].join(" ")).toBe(scripts.start);
});

test("its command serves with its settings, its health check tells so, and SIGTERM ends it in order", async () => {
  const keyFile = join(await newDataFolder(), "key");
  await writeFile(keyFile, KEY);
  const image = Object.fromEntries(instructions("ENV").map((line) => line.split("=")));
  // An address that others can reach is not for a test, but that there is a key shows all the same.
  const env = {
    PATH: process.env.PATH,
    ...image,
    HOST: "127.0.0.1",
    DATABASE_URL: database.url,
    INITIAL_KEY_FILE: keyFile,
  };
  const [, ...args] = commandOf("CMD");
  const server = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...env, PORT: "0" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(server, "close");
  const [line] = await once(createInterface(server.stdout), "line");
  const { origin, port } = new URL(String(line).replace("listening on ", ""));

  const statusWith = async (headers: Record<string, string>) =>
    (await fetch(`${origin}/openai/v1/conversations`, { headers })).status;
  expect([await statusWith({}), await statusWith({ "api-key": KEY })]).toEqual([401, 200]);

  const check = () => {
    const [, ...checking] = commandOf("HEALTHCHECK");
    return promisify(execFile)(process.execPath, checking, { env: { ...env, PORT: port } });
  };
  await check();
  server.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  await expect(check()).rejects.toMatchObject({ code: 1 });
});

const compose = readFileSync(join(ROOT, ".docker/compose.yml"), "utf8");

test("compose's database has the encoding and locale of the embedded one", () => {
  const [, args = ""] = /POSTGRES_INITDB_ARGS: (.+)/.exec(compose) ?? [];
  const embedded = readFileSync(join(ROOT, "src/store/embedded/cluster.ts"), "utf8");
  const own = [...embedded.matchAll(/"(--(?:encoding|\S*locale|lc)[^"]*)"/g)].map(([, arg]) => arg);
  expect(args.split(" ").sort()).toEqual(own.sort());
});

test("compose runs commands that there are", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["src/main.ts", "help"], { cwd: ROOT });
  const named = [...compose.matchAll(/src\/bin\.js (\w+)/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !stdout.includes(`\n  ${name} `))).toEqual([]);
});
