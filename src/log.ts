import pino from "pino";

export type Logger = pino.Logger;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Structured logs (one JSON object a line) on standard error. They never hold a conversation's content: no message text,
 * metadata, key or isolation key. Written synchronously, so that no line is lost when the process ends.
 */
export function createLogger(level: LogLevel): Logger {
  const options = { level, base: null, serializers: { err: describeError } };
  return pino(options, pino.destination({ fd: process.stderr.fd, sync: true }));
}

/**
 * What is logged of an error: enough to find the place, and no more. The whole error may hold a conversation's content:
 * PostgreSQL's has the failing row in `detail` and parameters in `where`, and most messages quote the value at fault.
 */
export function describeError(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { name: typeof error };
  const described = {
    name: error.name,
    code: textAt(error, "code"),
    message: quotesNoValues(error) ? error.message : undefined,
    constraint: textAt(error, "constraint_name"),
    table: textAt(error, "table_name"),
    routine: textAt(error, "routine"),
    stack: framesOf(error),
  };
  return Object.fromEntries(
    Object.entries(described).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

// Connections, missing tables and columns, resources, locks, cancelled statements. Not syntax errors, which quote what
// PostgreSQL could not read, such as the words of a search.
const QUOTING_NO_VALUES = /^(08|25|28|3D|40|42(?!601)|53|55|57|58)[0-9A-Z]{3}$/;

function quotesNoValues(error: Error): boolean {
  const code = textAt(error, "code") ?? "";
  // System errors of Node, and connection errors of postgres.js.
  return QUOTING_NO_VALUES.test(code) || "syscall" in error || code.startsWith("CONNECT");
}

/** The frames of the stack. The message ahead of them is cut off first: it may have lines that look like frames. */
function framesOf({ message, stack = "" }: Error): string {
  const at = stack.indexOf(message);
  const lines = stack.slice(at < 0 ? 0 : at + message.length).split("\n");
  return lines.filter((line) => /^ +at .*(:\d+:\d+\)?|<anonymous>\)?)$/.test(line)).join("\n");
}

function textAt(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
