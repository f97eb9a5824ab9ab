import pino from "pino";

import { brokenRule } from "./model/broken-rule.ts";

export type Logger = pino.Logger;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A logger of one JSON object a line, on standard error. It holds no message text, metadata, key or isolation key.
 * Written synchronously, so that nothing is lost when the process ends.
 */
export function createLogger(level: LogLevel): Logger {
  const options = { level, base: null, serializers: { err: describeError } };
  return pino(options, pino.destination({ fd: process.stderr.fd, sync: true }));
}

/**
 * The loggable part of an error: enough to find the place, and no more. The whole error would reveal texts of
 * conversations: PostgreSQL's has the failing row in `detail` and parameters in `where`, and most messages quote the
 * value at fault.
 */
export function describeError(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { name: typeof error };
  const described = {
    name: error.name,
    code: textAt(error, "code"),
    message: quotesNoValues(error) ? error.message : undefined,
    ...brokenRule(error),
    routine: textAt(error, "routine"),
    stack: framesOf(error),
  };
  return Object.fromEntries(
    Object.entries(described).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

// Connections, missing tables and columns, resources, locks, cancelled statements. Without syntax errors, which quote
// the text that PostgreSQL could not parse, such as the words of a search.
const QUOTING_NO_VALUES = /^(08|25|28|3D|40|42(?!601)|53|55|57|58)[0-9A-Z]{3}$/;

function quotesNoValues(error: Error): boolean {
  const code = textAt(error, "code") ?? "";
  // Node's system errors, and those of postgres.js' connections.
  return QUOTING_NO_VALUES.test(code) || "syscall" in error || code.startsWith("CONNECT");
}

/** The lines of the stack without the message before them, which may look like such lines. */
function framesOf({ message, stack = "" }: Error): string {
  const at = stack.indexOf(message);
  const lines = stack.slice(at < 0 ? 0 : at + message.length).split("\n");
  return lines.filter((line) => /^ +at .*(:\d+:\d+\)?|<anonymous>\)?)$/.test(line)).join("\n");
}

function textAt(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
