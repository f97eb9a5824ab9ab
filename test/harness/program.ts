import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { START_FLAGS } from "./start-flags.ts";
import { recording } from "./statements/recording.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The folder in which the tests' processes share compiled modules: a start takes a third less processor time. */
export const COMPILED = { NODE_COMPILE_CACHE: `${ROOT}node_modules/.cache/compiled` };

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Program {
  process: ChildProcess;
  /** Its output, once it has ended by itself or by a signal. */
  outcome: Promise<Outcome>;
}

export interface RunningServer extends Program {
  /** The first line of its standard output. */
  line: string;
  url: string;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Outcome>;
}

/** Starts `node src/main.ts …` as `npm start` does, with these settings and no others. */
export function startProgram(args: readonly string[], env: Record<string, string>): Program {
  const program = spawn(process.execPath, [...START_FLAGS, "src/main.ts", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...COMPILED, ...recording(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = [collect(program.stdout), collect(program.stderr)];
  const outcome = once(program, "close").then(([status]) => ({ status, stdout: stdout(), stderr: stderr() }));
  return { process: program, outcome };
}

/** Runs the program to its end and resolves to its output. */
export function runProgram(args: readonly string[], env: Record<string, string>): Promise<Outcome> {
  return startProgram(args, env).outcome;
}

/** Starts the server and waits until it says where it listens. Throws its error output when it ends before that. */
export async function startServer(env: Record<string, string>): Promise<RunningServer> {
  const program = startProgram(["serve"], { PORT: "0", LOG_LEVEL: "warn", ...env });
  const line = await Promise.race([firstLine(program.process), program.outcome]);
  if (typeof line !== "string") throw new Error(`The server ended with ${line.status}: ${line.stderr}`);
  return {
    ...program,
    line,
    url: line.replace(/^listening on /, ""),
    stop(signal) {
      program.process.kill(signal);
      return program.outcome;
    },
  };
}

/** The number of conversations that the server reports. */
export async function countConversations(url: string): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ conversations { totalCount } }" }),
  });
  const answer: { data: { conversations: { totalCount: number } } } = JSON.parse(await response.text());
  return answer.data.conversations.totalCount;
}

async function firstLine(program: ChildProcess): Promise<string> {
  if (program.stdout === null) throw new Error("The standard output is not a pipe.");
  const [line] = await once(createInterface(program.stdout), "line");
  return String(line);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const parts: string[] = [];
  stream.setEncoding("utf8");
  stream.on("data", (part) => parts.push(part));
  return () => parts.join("");
}
