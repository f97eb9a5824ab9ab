import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { readImports } from "./imports.ts";

const SOURCE = new URL("../../src/", import.meta.url);

// The permission model of Node refuses writes, child processes, workers and addons. Sockets, servers and timers stand among
// the active resources; so do the standard streams once a library has asked whether they are a terminal.
const IMPORT_ALL = `
  void [process.stdin, process.stdout, process.stderr];
  const before = process.getActiveResourcesInfo();
  for (const url of process.argv.slice(1)) await import(url);
  (await import("node:fs")).writeSync(1, JSON.stringify({ before, after: process.getActiveResourcesInfo() }));`;

test("importing every module needs no environment, opens nothing and ends by itself", async () => {
  // Not the program itself, which runs when it is imported, nor what a browser runs.
  const files = [...readImports("src").keys()].filter((file) => file !== "main.ts" && !file.startsWith("viewer/"));
  const urls = files.map((file) => new URL(file, SOURCE).href);
  const flags = ["--permission", "--allow-fs-read=*", "--input-type=module", "--eval", IMPORT_ALL];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...urls], { env: {}, timeout: 45_000 });
  const { before, after } = JSON.parse(stdout);
  expect(after).toEqual(before);
}, 60_000);
