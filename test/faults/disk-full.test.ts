import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { postgresId, postgresRuns } from "../harness/data-folder.ts";
import { runProgram, startServer } from "../harness/program.ts";
import { canMount, mountSmallDevice, type SmallDevice } from "./small-device.ts";

const MEGABYTE = 1 << 20;

/** A device with room for a database, and the folder of the data on it. */
async function newDevice(megabytes: number): Promise<SmallDevice & { folder: string; env: { DATA_DIR: string } }> {
  const device = await mountSmallDevice(megabytes);
  const folder = join(device.path, "data");
  onTestFinished(() => {
    if (postgresRuns(folder)) process.kill(postgresId(folder), "SIGKILL");
  });
  return { ...device, folder, env: { DATA_DIR: folder } };
}

const NO_SPACE = "No space left on the device at";

// Each starts the program up to six times.
const TIME = { timeout: 180_000 };

describe.skipIf(!canMount())("on a full device (skipped where devices cannot be mounted)", TIME, () => {
  test("a first start, and one of a database that is there, say so and name the folder", async () => {
    const { folder, env, fill, empty } = await newDevice(150);
    const message = `${NO_SPACE} ${folder}, where the embedded PostgreSQL keeps its data. Free some, and start again.\n`;
    fill(8 * MEGABYTE);
    expect(await runProgram(["serve"], { ...env, PORT: "0" })).toEqual({ status: 1, stdout: "", stderr: message });
    await empty();
    expect(await runProgram(["migrate"], env)).toMatchObject({ status: 0 });
    fill();
    expect(await runProgram(["doctor"], { ...env, PORT: "0" })).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(`\nfail  disk        ${NO_SPACE} ${folder}. Free some.\n`),
    });
    expect(await runProgram(["serve"], { ...env, PORT: "0" })).toEqual({ status: 1, stdout: "", stderr: message });
    await empty();
    expect(await runProgram(["migrate"], env)).toMatchObject({ status: 0, stdout: "nothing to migrate\n" });
  });

  test("a migration says so, and is applied when there is space again", async () => {
    const { folder, env, fill, empty } = await newDevice(150);
    const server = await startServer({ ...env, MIGRATE: "0" });
    fill(MEGABYTE / 2);
    const { status, stderr } = await runProgram(["migrate"], env);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${NO_SPACE} ${folder}. Free some. Migrations are applied together or not at all: run it again.\n`,
    });
    await empty();
    expect(await runProgram(["migrate"], env)).toMatchObject({ status: 0 });
    await server.stop("SIGTERM");
  });

  test("a command that fills it says so and what is kept, and goes on when there is space again", async () => {
    const { folder, env, fill, empty } = await newDevice(250);
    expect(await runProgram(["migrate"], env)).toMatchObject({ status: 0 });
    fill(20 * MEGABYTE);
    const { status, stdout, stderr } = await runProgram(["seed", "--conversations", "1500"], env);
    expect(status).toBe(1);
    const [, added] = /^added (\d+) conversations \(0 were there already\)\n$/.exec(stdout) ?? [];
    expect(stderr).toBe(
      `${NO_SPACE} ${folder}. Free some. Conversations that were added before it are kept. Run the same command again to go on.\n`,
    );
    await empty();
    const again = await runProgram(["seed", "--conversations", "1500"], env);
    expect(again.stdout).toBe(`added ${1500 - Number(added)} conversations (${added} were there already)\n`);
  });

  test("a server says so in its log, answers writes with 503 and reads, and all when there is space again", async () => {
    const { folder, env, fill, empty } = await newDevice(150);
    const server = await startServer(env);
    const write = (title: string) =>
      post(server.url, CREATE, { input: { metadata: [{ key: "title", value: title }] } });
    expect(await write("before")).toBe(200);
    fill();
    await expect.poll(() => write("x".repeat(500)), { timeout: 50_000 }).toBe(503);
    expect(await post(server.url, "{ conversations { nodes { id } } }")).toBe(200);
    await empty();
    await expect.poll(() => write("after"), { timeout: 20_000 }).toBe(200);
    const { status, stderr } = await server.stop("SIGTERM");
    expect(status).toBe(0);
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ level: 50, msg: `${NO_SPACE} ${folder}` }));
  });
});

const CREATE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";

/** The status that the request is answered with. */
async function post(url: string, query: string, variables = {}): Promise<number> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  await response.text();
  return response.status;
}
