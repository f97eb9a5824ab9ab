import type { IncomingMessage } from "node:http";

import { badInput } from "../model/errors.ts";

/** The header that a write is answered with, and that a reader sends back to see that write on any server. */
export const CONSISTENCY_HEADER = "x-consistency-token";

/** The token of a position in the database's log, opaque to callers. */
export function writeConsistencyToken(position: bigint): string {
  return position.toString(16).padStart(16, "0");
}

/** The position that the request's token asks for; 0 for a request without one. BAD_USER_INPUT for what no write was answered with. */
export function readConsistencyToken({ headersDistinct }: IncomingMessage): bigint {
  const [token, ...others] = headersDistinct[CONSISTENCY_HEADER] ?? [];
  if (token === undefined) return 0n;
  if (others.length === 0 && /^[0-9a-f]{16}$/.test(token)) return BigInt(`0x${token}`);
  throw badInput(CONSISTENCY_HEADER, `The header ${CONSISTENCY_HEADER} must be one token, as a write answered it.`);
}
