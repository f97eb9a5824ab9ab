import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

import type { Account } from "./account.ts";

/**
 * How PostgreSQL's programs are started: away from the folder and the process group of this process, so that Ctrl-C
 * does not reach them before the server has drained, and without our environment, which may hold secrets.
 */
export function programOptions(account: Account) {
  return { ...account, cwd: "/", detached: true, env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" } };
}

/** Runs a program to its end; resolves to what it wrote. Throws an Error with what it wrote when it fails. */
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
