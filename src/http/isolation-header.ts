import type { IncomingMessage } from "node:http";

import { ApiError } from "../model/errors.ts";
import { isolationKeyFault } from "../model/rules.ts";

/** The documented header and its newer name. They mean the same. */
export const ISOLATION_HEADERS = ["x-ms-user-isolation-key", "x-ms-user-identity"] as const;

/**
 * The isolation key that the request names; null for none. BAD_USER_INPUT for a header that is empty, repeated, longer
 * than 256 bytes, not UTF-8 or holds control characters, and for two that differ.
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

// Strict, and keeps a byte order mark, so that no two headers give the same key.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parseIsolationKey(name: string, value: string): string {
  const text = decode(value);
  if (text === null) throw badHeader(name, "must be UTF-8");
  const fault = isolationKeyFault(text);
  if (fault !== null) throw badHeader(name, fault);
  return text;
}

/** The header's text; null for bytes that are not UTF-8. */
function decode(value: string): string | null {
  try {
    // Node decodes headers as Latin-1.
    return UTF8.decode(Buffer.from(value, "latin1"));
  } catch {
    return null;
  }
}

function badHeader(name: string, rule: string): ApiError {
  return new ApiError("BAD_USER_INPUT", `The header ${name} ${rule}.`, name);
}
