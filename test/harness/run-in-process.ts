import { pino } from "pino";

import type { Command } from "../../src/commands/command.ts";
import { readConfig } from "../../src/config.ts";
import type { Database } from "../../src/store/database/client.ts";

// A process for each command would take half a second.
const CONTEXT = {
  config: readConfig({}),
  env: {},
  log: pino({ level: "silent" }),
  signal: new AbortController().signal,
};

/** Runs a command that has to end before it opens a database. */
export function runInProcess(command: Command, values: object, positionals: readonly string[] = []): Promise<number> {
  const openDatabase = () => Promise.reject(new Error("The database was opened."));
  return command.run({ ...CONTEXT, values, positionals, out: () => {}, openDatabase });
}

/** Runs a command on the database; resolves to the lines that it prints. */
export async function linesOf(
  database: Database,
  command: Command,
  values: object,
  positionals: readonly string[] = [],
): Promise<string[]> {
  const lines: string[] = [];
  const out = (line: string) => void lines.push(line);
  await command.run({ ...CONTEXT, values, positionals, out, openDatabase: async () => database });
  return lines;
}
