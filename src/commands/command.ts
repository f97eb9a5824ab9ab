import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";

interface CommandOption {
  type: "string" | "boolean";
  /** The option's value in the help, such as `FILE`; a boolean has none. */
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

/** What a command gets to work with. */
export interface CommandContext<
  Options extends CommandOptions = CommandOptions,
  Positionals extends readonly string[] = readonly string[],
> {
  config: Config;
  /** The environment that the settings come from. */
  env: NodeJS.ProcessEnv;
  log: Logger;
  /** The given options, by name. */
  values: OptionValues<Options>;
  /** One text for each positional of the command, in order; undefined for an optional one that was omitted. */
  positionals: PositionalValues<Positionals>;
  /** Aborted by SIGINT or SIGTERM: the command should stop soon and leave nothing half-written. */
  signal: AbortSignal;
  /** Writes a line to standard output. */
  out(line: string): void;
  /** The database of the settings, opened and migrated at the first call; closed after the command. */
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
  /** The names of the positional arguments, such as `FILE`; the last ones may be optional, as in `[ID]`. */
  positionals: Positionals;
  /** What is kept when the database fails in the middle, and what to do then. One or two sentences. */
  kept?: string;
  /**
   * Reports the faults of the settings instead of letting them fail the command. The command does not run, and the exit
   * status is 1.
   */
  reportFaults?(faults: readonly string[], env: NodeJS.ProcessEnv, out: (line: string) => void): void;
  /** Resolves to the exit status. An error is printed without its stack, with status 1. */
  run(context: CommandContext<Options, Positionals>): Promise<number>;
}

/** The error for a command line that cannot be understood: printed with a pointer to the help, exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command itself. Infers the types of its options and positionals for `run`. */
export function defineCommand<const Options extends CommandOptions, const Positionals extends readonly string[]>(
  command: Command<Options, Positionals>,
): Command<Options, Positionals> {
  return command;
}
