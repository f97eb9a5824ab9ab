import { join } from "node:path";

import { expect, test } from "vitest";

import { newDataFolder, postgresRuns } from "../harness/data-folder.ts";
import { runProgram, startServer } from "../harness/program.ts";

const LIST = "openai/v1/conversations?limit=100";

async function list(url: string): Promise<string> {
  return (await fetch(new URL(`/${LIST}`, url))).text();
}

test("the embedded database is backed up beside its server, and restored where there is none yet", async () => {
  const [folder, other] = [await newDataFolder(), await newDataFolder()];
  const file = join(await newDataFolder(), "all.backup");
  const server = await startServer({ DATA_DIR: folder });
  const written = await runProgram(["backup", "--out", file], { DATA_DIR: folder });
  expect(written).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("backed up 1 projects, 0 keys, 12 conv"),
  });
  const before = await list(server.url);
  await server.stop("SIGTERM");
  const restored = await runProgram(["restore", file], { DATA_DIR: other });
  expect(restored).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("restored 1 projects, 0 keys, 12 conv"),
  });
  expect(postgresRuns(other)).toBe(false);
  const successor = await startServer({ DATA_DIR: other });
  expect(await list(successor.url)).toBe(before);
  await successor.stop("SIGTERM");
}, 120_000);
