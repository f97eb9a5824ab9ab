import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";

import { isRoot, postgresAccount } from "../../src/store/embedded/account.ts";
import { programOptions } from "../../src/store/embedded/run-program.ts";

/** A program that a test keeps running, as the account of PostgreSQL. */
export interface Daemon {
  pid: number;
  /** Sends the signal, where it still runs, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts the program with its output appended to the file. */
export async function startDaemon(program: string, args: readonly string[], log: string): Promise<Daemon> {
  const output = await open(log, "a");
  const account = isRoot() ? postgresAccount() : {};
  const child = spawn(program, args, { ...programOptions(account), stdio: ["ignore", output.fd, output.fd] });
  const ended = once(child, "exit");
  await once(child, "spawn");
  await output.close();
  return {
    pid: child.pid ?? 0,
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
