import { createLocalJWKSet, errors, type JWTVerifyGetKey } from "jose";

import { ApiError, serverBusy } from "../../model/errors.ts";
import { fetchJwks } from "./fetch-jwks.ts";

// jose's own remote set refuses tokens of known keys once its copy is old and cannot be read again, and bounds only reads that
// succeed: a caller with made-up key ids would have it asked without end while it is away.

/** After so long the set is read again, without a token that waits for it. */
const REFRESH_MS = 300_000;

/** Reads in a window of time, whatever callers send. */
const MOST_READS = 5;
const WINDOW_MS = 30_000;

/** Each request that waits for a read holds memory. */
const MOST_WAITING = 1_000;

interface JwksOptions {
  url: string;
  /** Called when a read brought other keys than the one before: what was verified with those must be verified again. */
  changed(): void;
  /** Called with the reason, in words, why a read failed. */
  failed(reason: string): void;
}

/**
 * Finds the key of a token by its id, and reads the set again for an id that is unknown. A key once known is found whether
 * or not the set can be read. SERVICE_UNAVAILABLE for one that is unknown while the set cannot be read.
 */
export function createJwks({ url, changed, failed }: JwksOptions): JWTVerifyGetKey {
  let known: { text: string; find: ReturnType<typeof createLocalJWKSet> } | null = null;
  let readAt = 0;
  let isAway = false;
  let reading: Promise<void> | null = null;
  let waiting = 0;
  const reads: number[] = [];

  const mayRead = () => {
    const since = performance.now() - WINDOW_MS;
    while (reads[0] !== undefined && reads[0] < since) reads.shift();
    return reads.length < MOST_READS;
  };
  const read = async () => {
    reads.push(performance.now());
    try {
      const text = await fetchJwks(url);
      if (text !== known?.text) {
        known = { text, find: createLocalJWKSet(JSON.parse(text)) };
        changed();
      }
      readAt = performance.now();
      isAway = false;
    } catch (error) {
      isAway = true;
      failed(error instanceof Error ? error.message : String(error));
    }
  };
  /** Resolves after a read; at once where none may be begun now. Never rejects. */
  const readAgain = (): Promise<void> => {
    if (reading === null && !mayRead()) return Promise.resolve();
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };
  const waitForRead = async () => {
    if (waiting >= MOST_WAITING) throw serverBusy();
    waiting += 1;
    await readAgain();
    waiting -= 1;
  };

  void readAgain();
  return async (header, token) => {
    if (known !== null) {
      if (performance.now() - readAt > REFRESH_MS) void readAgain();
      try {
        return await known.find(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      }
    }
    await waitForRead();
    if (known === null || isAway) {
      throw new ApiError(
        "SERVICE_UNAVAILABLE",
        "The keys that tokens are signed with cannot be read. Try again shortly.",
      );
    }
    return known.find(header, token);
  };
}
