import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect, test } from "vitest";

import { newDataFolder, postgresRuns } from "../harness/data-folder.ts";
import { countConversations, startProgram, startServer } from "../harness/program.ts";

test("the last line tells the real address, SIGTERM stops the database too, and the data stays", async () => {
  const folder = await newDataFolder();
  const first = await startServer({ DATA_DIR: folder });
  expect(first.line).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\/graphql$/);
  const samples = await countConversations(first.url);
  expect(samples).toBeGreaterThan(0);
  const end = await first.stop("SIGTERM");
  expect(end).toMatchObject({ status: 0, stderr: "" });
  expect(end.stdout.trimEnd().split("\n").at(-1)).toBe(first.line);
  expect(postgresRuns(folder)).toBe(false);

  const second = await startServer({ DATA_DIR: folder });
  expect(await countConversations(second.url)).toBe(samples);
  expect(await second.stop("SIGINT")).toMatchObject({ status: 0, stderr: "" });
  expect(postgresRuns(folder)).toBe(false);
});

test("without sample data an empty database stays empty", async () => {
  const server = await startServer({ DATA_DIR: await newDataFolder(), SAMPLE_DATA: "0" });
  expect(await countConversations(server.url)).toBe(0);
  await server.stop("SIGTERM");
});

test("a signal that arrives twice, as npm passes on Ctrl-C, stops in order all the same", async () => {
  const folder = await newDataFolder();
  const server = await startServer({ DATA_DIR: folder });
  server.process.kill("SIGINT");
  server.process.kill("SIGINT");
  expect(await server.stop("SIGTERM")).toMatchObject({ status: 0 });
  expect(postgresRuns(folder)).toBe(false);
});

test("a second signal, a second later, does not wait for the requests that still run", async () => {
  const folder = await newDataFolder();
  const server = await startServer({ DATA_DIR: folder });
  const { hostname, port } = new URL(server.url);
  const unfinished = connect(Number(port), hostname).on("error", () => {});
  unfinished.write("POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{");
  await countConversations(server.url);
  server.process.kill("SIGTERM");
  await delay(1200);
  expect(await server.stop("SIGTERM")).toMatchObject({ status: 130 });
});

test("a signal during the start leaves no database running", async () => {
  const folder = await newDataFolder();
  const { process: program, outcome } = startProgram(["serve"], { DATA_DIR: folder, PORT: "0" });
  while (!existsSync(join(folder, "postmaster.pid"))) await delay(5);
  program.kill("SIGTERM");
  expect(await outcome).toMatchObject({ status: 0, stdout: "" });
  expect(postgresRuns(folder)).toBe(false);
});

test("a taken port is an error that names PORT, and leaves the other server alone", async () => {
  const folder = await newDataFolder();
  const server = await startServer({ DATA_DIR: folder });
  const port = new URL(server.url).port;
  const refused = await startProgram(["serve"], { DATA_DIR: folder, PORT: port }).outcome;
  expect(refused).toMatchObject({ status: 1, stdout: "" });
  expect(refused.stderr).toContain(`PORT ${port} is taken`);
  expect(await countConversations(server.url)).toBeGreaterThan(0);
  await server.stop("SIGTERM");
});
