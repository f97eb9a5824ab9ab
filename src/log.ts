import pino from "pino";

export type Logger = pino.Logger;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Structured logs (one JSON object a line) on standard error. What people write to each other never goes in: no message
 * text, metadata, key or isolation key. Written synchronously, so that nothing is lost when the process ends.
 */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null }, pino.destination({ fd: process.stderr.fd, sync: true }));
}
