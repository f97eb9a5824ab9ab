import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { START_FLAGS } from "../harness/start-flags.ts";
import type { Dialect } from "./requests.ts";

export interface Contender {
  name: string;
  title: string;
  dialect: Dialect;
  /** What follows `node` and the flags for V8 that `npm start` gives, from the project's folder. */
  command: readonly string[];
  /** The package that it is made of; null for what needs none. */
  package: string | null;
}

export const CONTENDERS: readonly Contender[] = [
  { name: "floor", title: "the floor", dialect: "floor", command: ["test/bench/floor/server.ts"], package: null },
  {
    name: "json-agg",
    title: "one statement of json_agg",
    dialect: "floor",
    command: ["test/bench/floor/server.ts", "json_agg"],
    package: null,
  },
  {
    name: "project",
    title: "this project",
    dialect: "project",
    command: ["src/main.ts", "serve"],
    package: null,
  },
  {
    name: "postgraphile-fragments",
    title: "PostGraphile 5, fragments table",
    dialect: "postgraphile-fragments",
    command: ["test/bench/peers/postgraphile.ts", "peer_fragments"],
    package: "postgraphile",
  },
  {
    name: "postgraphile-jsonb",
    title: "PostGraphile 5, jsonb column",
    dialect: "postgraphile-jsonb",
    command: ["test/bench/peers/postgraphile.ts", "peer_jsonb"],
    package: "postgraphile",
  },
  {
    name: "mercurius",
    title: "Mercurius + graphql-jit, our resolvers",
    dialect: "project-graphql",
    command: ["test/bench/peers/mercurius.ts"],
    package: "mercurius",
  },
  {
    name: "apollo",
    title: "Apollo Server 5, our resolvers",
    dialect: "project-graphql",
    command: ["test/bench/peers/apollo.ts"],
    package: "@apollo/server",
  },
];

export interface RunningContender {
  origin: string;
  pid: number;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const START_MS = 60_000;

/** Starts the contender as a process of its own; resolves when it says where it listens. */
export async function startContender(
  contender: Contender,
  databaseUrl: string,
  poolSize: number,
  settings: Record<string, string> = {},
): Promise<RunningContender> {
  const child = spawn(process.execPath, [...START_FLAGS, ...contender.command], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      POOL_SIZE: String(poolSize),
      // The data stay as they are: turns in progress are old, and the project would stop them.
      STALE_TURN_MINUTES: "0",
      PORT: "0",
      LOG_LEVEL: "warn",
      ...settings,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await listeningUrl(child, contender);
  return { origin: new URL(url).origin, pid: child.pid ?? 0, stop: () => stop(child) };
}

async function listeningUrl(child: ChildProcess, { title }: Contender): Promise<string> {
  if (child.stdout === null) throw new Error("The standard output is not a pipe.");
  const ended = once(child, "exit").then(([status]) => {
    throw new Error(`${title} ended with status ${status} before it listened.`);
  });
  // What it says afterwards is read too, or it would stop at a full pipe.
  const line = once(createInterface(child.stdout), "line", { signal: AbortSignal.timeout(START_MS) });
  const [said] = await Promise.race([line, ended]);
  return String(said).replace(/^.*listening on /, "");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
