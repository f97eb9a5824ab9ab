import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";

interface CommandOption {
  type: "string" | "boolean";
  /** What stands behind the option in the help, such as `FILE`; a boolean takes nothing. */
  placeholder?: string;
  description: string;
}

export type CommandOptions = { readonly [name: string]: CommandOption };

type OptionValues<Options extends CommandOptions> = {
  [Name in keyof Options]?: Options[Name]["type"] extends "boolean" ? boolean : string;
};

type PositionalValues<Names extends readonly string[]> = {
  [Index in keyof Names]: string extends Names[Index]
    ? string | undefined
    : Names[Index] extends `[${string}]`
      ? string | undefined
      : string;
};

/** What a command is given to work with. */
interface CommandContext<Options extends CommandOptions, Positionals extends readonly string[]> {
  config: Config;
  log: Logger;
  /** The options that were given, under their names. */
  values: OptionValues<Options>;
  /** One text for each positional of the command, in its order; undefined for an optional one that was left out. */
  positionals: PositionalValues<Positionals>;
  /** Aborted when SIGINT or SIGTERM arrives: the command should stop soon and leave nothing half-written. */
  signal: AbortSignal;
  /** Writes a line to standard output. */
  out(line: string): void;
  /** The database of the settings, opened and migrated at the first call; closed when the command has ended. */
  openDatabase(): Promise<Database>;
}

/** One command of the command line. Its help is generated from this. */
export interface Command<
  Options extends CommandOptions = CommandOptions,
  Positionals extends readonly string[] = readonly string[],
> {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** More lines for the command's own help. */
  details?: string;
  options: Options;
  /** The names of what follows, such as `FILE`; at the end some may be optional, as `[ID]` is. */
  positionals: Positionals;
  /** Tells the faults of the settings, in place of their being the error. The command is not run, and the exit status is 1. */
  tellFaults?(faults: readonly string[], out: (line: string) => void): void;
  /** Resolves to the exit status; an error that it throws is printed without its stack, with status 1. */
  run(context: CommandContext<Options, Positionals>): Promise<number>;
}

/** Thrown for a command line that cannot be understood: printed with a pointer to the help, exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command itself, with its options and positionals inferred for `run`. */
export function defineCommand<const Options extends CommandOptions, const Positionals extends readonly string[]>(
  command: Command<Options, Positionals>,
): Command<Options, Positionals> {
  return command;
}
