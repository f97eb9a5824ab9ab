import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

import type { Account } from "./account.ts";

/**
 * Options for starting a PostgreSQL program: outside the folder and the process group of this process, so that Ctrl-C
 * does not reach it before the server has drained, and without this process' environment, which may hold secrets.
 */
export function programOptions(account: Account) {
  return { ...account, cwd: "/", detached: true, env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" } };
}

/**
 * Runs a program to its end and resolves to its output. Rejects with an Error that holds the output when the program
 * fails.
 */
export async function runProgram(account: Account, program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { ...programOptions(account), stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [status, out, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (status === 0) return out;
  throw new Error(`${program} failed: ${(errors || out).trim() || `status ${status}`}`);
}
