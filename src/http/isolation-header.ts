import type { IncomingMessage } from "node:http";

import { ApiError } from "../model/errors.ts";
import { isolationKeyFault } from "../model/rules.ts";

/** The documented header and its newer name. They mean the same. */
export const ISOLATION_HEADERS = ["x-ms-user-isolation-key", "x-ms-user-identity"] as const;

/**
 * The isolation key that the request names; null for none. BAD_USER_INPUT for a header that is empty, repeated, longer
 * than 256 bytes or holds control characters, and for two that differ.
 */
export function readIsolationKey(request: IncomingMessage): string | null {
  const keys = new Set<string>();
  for (const name of ISOLATION_HEADERS) {
    const values = request.headersDistinct[name] ?? [];
    if (values.length > 1) throw badHeader(name, "may be given only once");
    for (const value of values) keys.add(parseIsolationKey(name, value));
  }
  if (keys.size > 1)
    throw badHeader(ISOLATION_HEADERS[1], `must be the same as ${ISOLATION_HEADERS[0]} where both are given`);
  const [key] = keys;
  return key ?? null;
}

function parseIsolationKey(name: string, value: string): string {
  // Node hands headers over byte by byte; UTF-8 is read as what it says, other bytes as Latin-1.
  const bytes = Buffer.from(value, "latin1");
  const text = bytes.toString("utf8").includes("\ufffd") ? value : bytes.toString("utf8");
  const fault = isolationKeyFault(text);
  if (fault !== null) throw badHeader(name, fault);
  return text;
}

function badHeader(name: string, rule: string): ApiError {
  return new ApiError("BAD_USER_INPUT", `The header ${name} ${rule}.`, name);
}
