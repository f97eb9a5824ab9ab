import type { RunningServer } from "./program.ts";

interface LogLine {
  pid: number;
  msg: string;
  user?: string;
}

/** What a server with workers logs. */
export interface WorkersLog {
  /** The first line with the message; of this worker, if one is given. */
  find(message: string, worker?: number): LogLine | undefined;
  /** The lines with the message so far. */
  linesOf(message: string): LogLine[];
  /** The processes that have logged the message, in the order of their first line. */
  pidsOf(message: string): number[];
}

/** The log of the server from now on. Every line has to be one JSON object. */
export function logOf({ process: { stderr } }: RunningServer): WorkersLog {
  let written = "";
  stderr?.on("data", (part) => {
    written += part;
  });
  const lines = (): (LogLine & { worker?: number })[] =>
    written
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const linesOf = (message: string) => lines().filter(({ msg }) => msg === message);
  return {
    find: (message, worker) => linesOf(message).find((line) => worker === undefined || line.worker === worker),
    linesOf,
    pidsOf: (message) => [...new Set(linesOf(message).map(({ pid }) => pid))],
  };
}

/** The header of a request that comes on a connection of its own: workers take turns by connection. */
export const ALONE = { connection: "close" };
