import { pino } from "pino";

import type { Command } from "../../src/commands/command.ts";
import { readConfig } from "../../src/config.ts";

/** Runs a command that has to end before it opens a database: a process for each would take half a second. */
export function runInProcess(command: Command, values: object, positionals: readonly string[] = []): Promise<number> {
  return command.run({
    config: readConfig({}),
    env: {},
    log: pino({ level: "silent" }),
    values,
    positionals,
    signal: new AbortController().signal,
    out: () => {},
    openDatabase: () => Promise.reject(new Error("The database was opened.")),
  });
}
