import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { availableParallelism } from "node:os";

import { expect, test } from "vitest";

import { countWorkers, readConfig } from "../../src/config.ts";
import { newDataFolder, postgresRuns } from "../harness/data-folder.ts";
import { countConversations, runProgram, startProgram, startServer } from "../harness/program.ts";
import { rawGet } from "../harness/raw-request.ts";
import { logOf } from "../harness/workers.ts";

const WAIT = { timeout: 20_000, interval: 20 };

/** Two requests on connections of their own: the workers take turns. */
async function askEach({ url }: { url: string }): Promise<void> {
  for (let asked = 0; asked < 2; asked += 1) await rawGet(`${new URL(url).origin}/health/live`);
}

test("a worker that dies is started again while the other answers; SIGTERM ends all, and the embedded database last", async () => {
  const folder = await newDataFolder();
  const server = await startServer({ DATA_DIR: folder, WORKERS: "2", LOG_LEVEL: "info" });
  const log = logOf(server);
  await askEach(server);
  await expect.poll(() => log.pidsOf("request"), WAIT).toHaveLength(2);
  const [first = 0, second = 0] = log.pidsOf("request");
  process.kill(first, "SIGKILL");
  const ended = (worker: number) => log.find("a worker ended, and is started again", worker);
  await expect.poll(() => ended(first), WAIT).toMatchObject({ pid: server.process.pid, signal: "SIGKILL" });
  expect(await countConversations(server.url)).toBeGreaterThan(0);
  await expect.poll(() => log.find("a worker listens again"), WAIT).toMatchObject({ url: server.url });
  await askEach(server);
  await expect.poll(() => log.pidsOf("request"), WAIT).toHaveLength(3);

  // One that is asked to end does so in order, and is replaced too.
  process.kill(second, "SIGTERM");
  await expect.poll(() => ended(second), WAIT).toMatchObject({ status: 0 });
  const { status, stdout } = await server.stop("SIGTERM");
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${server.line}\n` });
  expect(postgresRuns(folder)).toBe(false);
});

test("a taken port is one error of one process, and leaves no database running", async () => {
  const folder = await newDataFolder();
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  // Safe cast: it listens on a port.
  const { port } = taken.address() as AddressInfo;
  const refused = await runProgram(["serve"], {
    DATA_DIR: folder,
    WORKERS: "2",
    PORT: String(port),
    LOG_LEVEL: "warn",
  });
  taken.close();
  expect(refused).toMatchObject({ status: 1, stdout: "" });
  expect(refused.stderr).toMatch(new RegExp(`^PORT ${port} is taken .*\\n$`));
  expect(postgresRuns(folder)).toBe(false);
});

test("a signal during the start ends with nothing printed and nothing left", async () => {
  const folder = await newDataFolder();
  const { process: program, outcome } = startProgram(["serve"], {
    DATA_DIR: folder,
    WORKERS: "2",
    PORT: "0",
    LOG_LEVEL: "warn",
  });
  await expect.poll(() => postgresRuns(folder), WAIT).toBe(true);
  program.kill("SIGTERM");
  expect(await outcome).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(postgresRuns(folder)).toBe(false);
});

test("WORKERS that are none, or too many for the pool, are faults; auto is what the cores and the pool allow", () => {
  const faultOf = (env: Record<string, string>) => {
    try {
      return countWorkers(readConfig(env));
    } catch (error) {
      return String(error);
    }
  };
  for (const text of ["0", "-1", "two", "1000", "1.5", "AUTO"]) {
    expect(faultOf({ WORKERS: text })).toContain(`WORKERS is neither auto nor a whole number from 1 to 999: "${text}"`);
  }
  expect(faultOf({ WORKERS: "3" })).toContain("WORKERS 3 needs a POOL_SIZE of 14 or more: it is 10");
  expect(faultOf({ WORKERS: "3", POOL_SIZE: "14" })).toBe(3);
  expect(faultOf({ WORKERS: "1", POOL_SIZE: "1" })).toBe(1);
  expect(faultOf({ WORKERS: "auto", POOL_SIZE: "1" })).toBe(1);
  expect(faultOf({ WORKERS: "auto", POOL_SIZE: "1000" })).toBe(Math.min(availableParallelism(), 249));
});
