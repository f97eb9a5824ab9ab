import { answerTooLong } from "../../model/errors.ts";

/** The bytes that the reads of one answer may bring. */
export interface ByteBudget {
  /** The most bytes of turns in one page. */
  readonly pageBytes: number;
  /** Counts bytes of rows that the answer holds. LIMIT_EXCEEDED once they are more than the answer may have. */
  take(bytes: number): void;
}

/** A budget for an answer of up to `answerBytes`. Lists under many aliases, or on many levels, share it. */
export function createByteBudget(pageBytes: number, answerBytes: number): ByteBudget {
  let left = answerBytes;
  return {
    pageBytes,
    take(bytes) {
      left -= bytes;
      if (left < 0) throw answerTooLong(answerBytes);
    },
  };
}
