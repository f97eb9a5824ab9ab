import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { COMPILED } from "./program.ts";
import { recording } from "./statements/recording.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  process: ChildProcess & { stdin: NodeJS.WritableStream };
  outcome: Promise<Outcome>;
}

/** Starts `node src/main.ts …` against the database, as npm's scripts do, with open standard input. */
export function startCommand(databaseUrl: string, args: readonly string[], settings = {}): RunningCommand {
  const command = spawn(process.execPath, ["src/main.ts", ...args], {
    cwd: ROOT,
    env: { ...process.env, ...COMPILED, ...recording(), DATABASE_URL: databaseUrl, ...settings },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that refuses its options ends without reading its input.
  command.stdin.on("error", () => {});
  const outcome = Promise.all([once(command, "close"), text(command.stdout), text(command.stderr)]).then(
    ([[status], stdout, stderr]) => ({ status, stdout, stderr }),
  );
  return { process: command, outcome };
}

/** Runs the command to its end, with the input as its standard input. */
export async function runCommand(
  databaseUrl: string,
  args: readonly string[],
  input: string | Buffer = "",
): Promise<Outcome> {
  const { process: command, outcome } = startCommand(databaseUrl, args);
  command.stdin.end(input);
  return outcome;
}
