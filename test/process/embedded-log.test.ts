import { appendFile, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { openServerLog } from "../../src/store/embedded/server-log.ts";
import { newDataFolder } from "../harness/data-folder.ts";
import { startServer } from "../harness/program.ts";

const LIMIT = 8 * 1024 * 1024;
const LINES = `${"x".repeat(1023)}\n`.repeat(LIMIT / 1024 + 1);

test("the embedded database's log is cut when it grows long, what it held last is kept beside it, and it goes on", async () => {
  const folder = await newDataFolder();
  const server = await startServer({ DATA_DIR: folder });
  const log = join(folder, "conversation-graph", "postgres.log");
  for (const last of ["the first", "the second"]) {
    await appendFile(log, `${LINES}${last}\n`);
    await expect.poll(async () => (await stat(log)).size, { timeout: 20_000 }).toBeLessThan(LIMIT);
    const kept = await readFile(`${log}.1`, "utf8");
    expect([kept.length, kept.slice(-last.length - 2)]).toEqual([LIMIT, `\n${last}\n`]);
  }
  await server.stop("SIGTERM");
  expect(await readFile(log, "utf8")).toMatch(/^[^\0]*database system is shut down\n$/);
  expect((await stat(log)).mode & 0o777).toBe(0o600);
});

test.skipIf(process.platform === "win32")(
  "a link in the place of the log is not followed, so that root is not led elsewhere",
  async () => {
    const path = await newDataFolder();
    const [other, logFile] = [join(path, "other"), join(path, "postgres.log")];
    await writeFile(other, LINES);
    await symlink(other, logFile);
    const log = await openServerLog({ path, logFile, account: {} });
    await log.look();
    expect((await stat(other)).size).toBe(LINES.length);
  },
);
