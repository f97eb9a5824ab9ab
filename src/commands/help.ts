import { SETTINGS } from "../config.ts";
import { callOf, IS_PACKAGE } from "../model/call-of.ts";
import type { Command } from "./command.ts";

/** The help of the program: its commands and settings. */
export function programHelp(commands: readonly Command[]): string {
  return [
    "Conversations of agents as one GraphQL graph.",
    "",
    ...usage(),
    "",
    "Commands (each explains itself with --help):",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    ...settings(),
  ].join("\n");
}

/** The help of one command: its options and the settings. */
export function commandHelp({ name, summary, details, options, positionals }: Command): string {
  const rows = Object.entries(options).map(([option, { placeholder, description }]) => [
    `--${option}${placeholder === undefined ? "" : ` ${placeholder}`}`,
    description,
  ]);
  return [
    summary,
    ...(details === undefined ? [] : [details]),
    "",
    `Usage: ${[callOf(name), ...positionals, "[OPTIONS]"].join(" ")}`,
    "",
    "Options:",
    ...table([...rows, ["--help", "shows this"]]),
    "",
    ...settings(),
  ].join("\n");
}

function usage(): string[] {
  if (IS_PACKAGE) return [`Usage: ${callOf("COMMAND")} [OPTIONS]`];
  return ["Usage: npm start", `       ${callOf("COMMAND")} [OPTIONS]`];
}

function settings(): string[] {
  const rows = SETTINGS.map(({ variable, byDefault, meaning }) => [
    variable,
    byDefault === "" ? meaning : `${meaning} (${byDefault})`,
  ]);
  return ["Settings (environment variables, the same for every command):", ...table(rows)];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  return rows.map(([left = "", right = ""]) => `  ${left.padEnd(width)}  ${right}`);
}
