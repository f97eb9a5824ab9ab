import { spawn } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { newDataFolder, postgresId, postgresRuns } from "../harness/data-folder.ts";
import { countConversations, startServer } from "../harness/program.ts";

test("after kill -9 of the server the next start uses the database that still runs, and stops it", async () => {
  const folder = await newDataFolder();
  const killed = await startServer({ DATA_DIR: folder });
  const database = postgresId(folder);
  await killed.stop("SIGKILL");
  const next = await startServer({ DATA_DIR: folder });
  expect(postgresId(folder)).toBe(database);
  expect(await countConversations(next.url)).toBeGreaterThan(0);
  await next.stop("SIGTERM");
  expect(postgresRuns(folder)).toBe(false);
});

test("after kill -9 of server and database, and with the process id in use again, the next start recovers", async () => {
  const folder = await newDataFolder();
  const killed = await startServer({ DATA_DIR: folder });
  const conversations = await countConversations(killed.url);
  await killed.stop("SIGKILL");
  process.kill(postgresId(folder), "SIGKILL");
  // PostgreSQL itself sees through a process of another account, so it must be one of its own.
  const { uid, gid } = statSync(folder);
  const stranger = spawn("sleep", ["60"], { uid, gid });
  onTestFinished(() => {
    stranger.kill();
  });
  const lockFile = join(folder, "postmaster.pid");
  writeFileSync(lockFile, readFileSync(lockFile, "utf8").replace(/^\d+/, String(stranger.pid)));
  const next = await startServer({ DATA_DIR: folder });
  expect(await countConversations(next.url)).toBe(conversations);
  await next.stop("SIGTERM");
  expect(postgresRuns(folder)).toBe(false);
});
