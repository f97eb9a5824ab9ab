import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { badInput } from "../model/errors.ts";
import { FIRST_POSITION, type WalPosition } from "../model/wal-position.ts";

/** The header of a write's answer. A reader that sends it back sees that write on any server. */
export const CONSISTENCY_HEADER = "x-consistency-token";

/** The form of a token: the position, then its code. */
export const TOKEN_PATTERN = /^[0-9a-f]{40}$/;
const PLACE_DIGITS = 24;

/** The tokens of positions in a database's log, opaque to callers. */
export interface ConsistencyTokens {
  write(position: WalPosition): string;
  /**
   * The position that the request's token asks for; the first one for a request without a token. BAD_USER_INPUT for a token
   * that no write was answered with, and for several.
   */
  read(request: IncomingMessage): WalPosition;
}

/**
 * The tokens of the system with this identifier, which is the key of the code that each token ends with. The identifier is
 * hardly a secret and need not be: a forged token gains a read from the primary. Null, where there are no replicas, checks the
 * form of a token only, which then has no effect.
 */
export function createConsistencyTokens(system: string | null): ConsistencyTokens {
  const codeOf = (place: string, key: string) =>
    createHmac("sha256", key)
      .update(place)
      .digest("hex")
      .slice(0, 40 - PLACE_DIGITS);
  const isOurs = (token: string) => {
    const place = token.slice(0, PLACE_DIGITS);
    return TOKEN_PATTERN.test(token) && (system === null || token === place + codeOf(place, system));
  };
  return {
    write({ timeline, lsn }) {
      const place = timeline.toString(16).padStart(8, "0") + lsn.toString(16).padStart(16, "0");
      return place + codeOf(place, system ?? "");
    },
    read({ headersDistinct }) {
      const [token, ...others] = headersDistinct[CONSISTENCY_HEADER] ?? [];
      if (token === undefined) return FIRST_POSITION;
      if (others.length === 0 && isOurs(token)) {
        return { timeline: Number.parseInt(token.slice(0, 8), 16), lsn: BigInt(`0x${token.slice(8, PLACE_DIGITS)}`) };
      }
      throw badInput(CONSISTENCY_HEADER, `The header ${CONSISTENCY_HEADER} must be one token, as a write answered it.`);
    },
  };
}
