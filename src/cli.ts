import { parseArgs } from "node:util";

import { type Command, UsageError } from "./commands/command.ts";
import { commandHelp, programHelp } from "./commands/help.ts";
import { type OpenDatabase, openMigratedDatabase } from "./commands/open-database.ts";
import { codeOf, reasonOf } from "./commands/reason.ts";
import { createStopSignal } from "./commands/stop-signal.ts";
import { type Config, readConfig, SettingsError } from "./config.ts";
import { createLogger } from "./log.ts";
import { callOf } from "./model/call-of.ts";

// Each is imported when it is run: what the others import takes longer than most commands themselves.
const COMMANDS = new Map<string, () => Promise<Command>>([
  ["serve", async () => (await import("./commands/serve.ts")).serveCommand],
  ["import", async () => (await import("./commands/import.ts")).importCommand],
  ["export", async () => (await import("./commands/export.ts")).exportCommand],
  ["pull", async () => (await import("./commands/pull.ts")).pullCommand],
  ["keys", async () => (await import("./commands/keys.ts")).keysCommand],
  ["delete", async () => (await import("./commands/delete.ts")).deleteCommand],
  ["backup", async () => (await import("./commands/backup.ts")).backupCommand],
  ["restore", async () => (await import("./commands/restore.ts")).restoreCommand],
  ["projects", async () => (await import("./commands/projects.ts")).projectsCommand],
  ["migrate", async () => (await import("./commands/migrate.ts")).migrateCommand],
  ["distribute", async () => (await import("./commands/distribute.ts")).distributeCommand],
  ["seed", async () => (await import("./commands/seed.ts")).seedCommand],
  ["doctor", async () => (await import("./commands/doctor.ts")).doctorCommand],
]);

const FAILURE = 1;
const MISUSE = 2;

/**
 * Runs the command line and resolves to the exit status: 0, 1 for a failure, 2 for a command line that cannot be
 * understood. Prints errors on standard error, with a stack only when LOG_LEVEL is debug or trace.
 */
export async function runCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === "--help" || name === "help") {
      writeLine(programHelp(await Promise.all(Array.from(COMMANDS.values(), (load) => load()))));
      return 0;
    }
    return await runCommand(await findCommand(name)(), rest, env);
  } catch (error) {
    process.stderr.write(`${describe(error, env.LOG_LEVEL)}\n`);
    return error instanceof UsageError ? MISUSE : FAILURE;
  }
}

function findCommand(name: string | undefined): () => Promise<Command> {
  const command = name === undefined ? undefined : COMMANDS.get(name);
  if (command !== undefined) return command;
  const names = [...COMMANDS.keys()].join(", ");
  throw new UsageError(
    `${name === undefined ? "No command" : `No command "${name}"`}. There are: ${names}. See --help.`,
  );
}

async function runCommand(command: Command, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { help, values, positionals } = parse(command, args);
  if (help) {
    writeLine(commandHelp(command));
    return 0;
  }
  const config = readConfigFor(command, env);
  if (config === null) return FAILURE;
  const database = createLazyDatabase(config);
  try {
    return await command.run({
      config,
      env,
      log: createLogger(config.logLevel),
      values,
      positionals,
      signal: createStopSignal(),
      out: writeLine,
      openDatabase: database.open,
    });
  } catch (error) {
    throw await database.explain(error, command.kept);
  } finally {
    await database.close();
  }
}

/** The settings; null when they have faults that the command has reported itself. */
function readConfigFor({ reportFaults }: Command, env: NodeJS.ProcessEnv): Config | null {
  try {
    return readConfig(env);
  } catch (error) {
    if (!(error instanceof SettingsError) || reportFaults === undefined) throw error;
    reportFaults(error.faults, env, writeLine);
    return null;
  }
}

function parse(command: Command, args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...command.options, help: { type: "boolean" } },
      allowPositionals: true,
    });
    const { help, ...given } = values;
    if (help !== true) checkPositionals(command, positionals);
    return { help: help === true, values: given, positionals };
  } catch (error) {
    if (!(error instanceof UsageError || codeOf(error)?.startsWith("ERR_PARSE_ARGS"))) throw error;
    // The first sentence of Node's message: the rest explains how to pass an argument that looks like an option.
    const [reason] = reasonOf(error).split(". ");
    throw new UsageError(`${reason}. \`${callOf(command.name)} --help\` explains it.`);
  }
}

function checkPositionals({ name, positionals: names }: Command, given: readonly string[]): void {
  const missing = names[given.length];
  if (missing !== undefined && !missing.startsWith("[")) throw new UsageError(`${name} needs ${missing}`);
  if (given.length > names.length) throw new UsageError(`Unexpected argument "${given[names.length]}"`);
}

/**
 * The database of a command, opened at the first use, and closed if it was opened. No caller waits for a command: its statements
 * wait for a lock as long as they may take, or one import would fail where another, or a part of itself, writes the same counts.
 */
function createLazyDatabase(config: Config) {
  let opening: Promise<OpenDatabase> | undefined;
  return {
    async open() {
      opening ??= openMigratedDatabase({ ...config, lockTimeoutMs: 0 });
      return (await opening).database;
    },
    /** The error to print for an error of the command: in words for people when the database failed. */
    async explain(error: unknown, kept: string | undefined) {
      const opened = await opening?.catch(() => undefined);
      return opened === undefined ? error : opened.explain(error, kept);
    },
    async close() {
      // A database that failed to open has nothing to close, and its error has been reported.
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}

function describe(error: unknown, logLevel: string | undefined): string {
  const wantsStack = logLevel === "debug" || logLevel === "trace";
  return wantsStack && error instanceof Error ? (error.stack ?? reasonOf(error)) : reasonOf(error);
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
