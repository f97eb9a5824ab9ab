import { type SQL, sql } from "drizzle-orm";

import { ApiError } from "../../model/errors.ts";
import type { MessageFragment } from "../../model/message-fragment.ts";
import { MAX_TURN_BYTES } from "../../model/rules.ts";

/** The bytes of text in progress, or of fragments of items, that a turn's messages may lack. With more, what its chunks hold is folded into the messages. */
export const MAX_UNFOLDED_BYTES = 65_536;

/** The size of a turn: the bytes of its messages as they are stored, and of its error detail. */
export function turnBytes(messages: readonly MessageFragment[], errorDetail: string | null): number {
  return Buffer.byteLength(JSON.stringify(messages)) + Buffer.byteLength(errorDetail ?? "");
}

/**
 * An expression: the size of the turn `t`, which costs no look at its messages or chunks: where it may have chunks it counts
 * as much as these may hold. Only short turns from before sizes were kept lack one.
 */
export const TURN_BYTES = sql`(coalesce(t.bytes, octet_length(t.messages::text) + coalesce(octet_length(t.error_detail), 0))
  + CASE WHEN t.chunks_after IS NULL AND t.items_after IS NULL THEN 0 ELSE ${sql.raw(String(MAX_UNFOLDED_BYTES))} END)`;

/**
 * The size in bytes up to which the turns of a statement come whole, where it may have so many. Of a longer one it gives the
 * size, and the page then reads those that it has room for: neither many short turns nor a few long ones make it large.
 */
export function wholeTurnBytes(maxBytes: number, turns: number): number {
  return turns === 0 ? 0 : Math.floor((2 * maxBytes) / turns);
}

/** An expression over all rows of a SELECT of turns `t`: whether they have up to `maxBytes` together, or there is only one. */
export function turnsFit(maxBytes: number): SQL {
  return sql`(count(*) OVER () = 1 OR sum(${TURN_BYTES}) OVER () <= ${maxBytes})`;
}

/** LIMIT_EXCEEDED for turns that are read by id and do not fit. */
export function turnsTooLong(maxBytes: number): ApiError {
  const message = `The turns with these ids have more than ${maxBytes} bytes together: ask for fewer at a time.`;
  return new ApiError("LIMIT_EXCEEDED", message);
}

/** LIMIT_EXCEEDED for a turn over MAX_TURN_BYTES; `argument` is what would make it so long. */
export function turnTooLong(argument: string): ApiError {
  return new ApiError("LIMIT_EXCEEDED", `A turn may have up to ${MAX_TURN_BYTES} bytes.`, argument);
}
