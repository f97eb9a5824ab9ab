import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { flagsOf } from "../harness/start-flags.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a command of the project on the database, with its progress on standard error; resolves to its output. */
export async function runProject(args: readonly string[], databaseUrl: string): Promise<string> {
  const child = spawn(process.execPath, [...flagsOf(args[0] ?? ""), "src/main.ts", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, STATEMENT_TIMEOUT_MS: "600000", LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`\`${args.join(" ")}\` ended with status ${status}`);
  return said.join("").trim();
}
