#!/usr/bin/env node
// JavaScript of old versions, and no import of the program: any Node has to reach the sentence that says what is needed.
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  process.stderr.write(`conversation-graph needs Node ${NEEDED} or later; this is ${process.versions.node}.\n`);
  process.exit(1);
}

const [self, name] = process.argv.slice(1);
// V8 takes most of its flags only as the process begins. What each is for stands in README.md of this folder.
const flags = JSON.parse(readFileSync(new URL("node-flags.json", import.meta.url), "utf8"))[name] || [];
// Windows cannot replace a process: there the command runs without its flags.
if (flags.some((flag) => !process.execArgv.includes(flag)) && process.platform !== "win32") {
  const args = [...process.execArgv, ...flags, self, ...process.argv.slice(2)];
  // In the same process, so that signals and exit codes are the program's own.
  process.execve(process.execPath, [process.execPath, ...args], process.env);
}

// A checkout runs its TypeScript. Node takes none from node_modules: the package has it compiled.
const source = new URL("main.ts", import.meta.url);
await import(existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href);
