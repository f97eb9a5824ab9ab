import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { CheckedRequest } from "./requests.ts";

export interface Load {
  origin: string;
  /** Sent in turn by each connection, as fast as the answers come. */
  requests: CheckedRequest[];
  connections: number;
  seconds: number;
}

export interface LoadOutcome {
  requests: number;
  failed: number;
  seconds: number;
}

export interface LoadGenerator {
  /** Makes the load, one at a time; resolves when its last answer has come. */
  run(load: Load): Promise<LoadOutcome>;
  stop(): void;
}

const PROGRAM = fileURLToPath(new URL("peers/load.ts", import.meta.url));

/** Starts the process that makes the load. */
export function startLoadGenerator(): LoadGenerator {
  const child = fork(PROGRAM, { env: { PATH: process.env.PATH, NODE_ENV: "production" } });
  return {
    run: (load) => send(child, load),
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}

function send(child: ChildProcess, load: Load): Promise<LoadOutcome> {
  return new Promise((resolve, reject) => {
    const end = (status: number | null) => reject(new Error(`The load generator ended with status ${status}.`));
    child.once("exit", end);
    child.once("message", (outcome: LoadOutcome) => {
      child.off("exit", end);
      resolve(outcome);
    });
    child.send(load);
  });
}
