import { type ExecutionResult, GraphQLError } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";

import { answerTooLong } from "../../model/errors.ts";
import { isRawNumber } from "../../model/json.ts";
import { toPublicError } from "./errors.ts";

/**
 * Limits results as `limited` does, but for those of subscriptions, whose events are limited as they are executed: once, however many
 * watchers they have. The compiled form counts what it writes.
 */
export function useAnswerLimit(maxBytes: number): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      if (!Array.isArray(result) && !isAsyncIterable(result)) setResult(limited(result, maxBytes));
    },
  };
}

/**
 * The result; LIMIT_EXCEEDED in the place of one with more than `maxBytes`, before it is written: a document can select one object
 * many times, and a result holds it once.
 */
export function limited(result: ExecutionResult, maxBytes: number): ExecutionResult {
  if (result.data == null || "stringify" in result || isWithin(result.data, maxBytes)) return result;
  return { data: null, errors: [toPublicError(new GraphQLError("", { originalError: answerTooLong(maxBytes) }))] };
}

/** Whether the data of a result has up to so many bytes, escapes apart. */
export function isWithin(data: NonNullable<ExecutionResult["data"]>, maxBytes: number): boolean {
  return bytesLeft(data, maxBytes) >= 0;
}

/** What is left of so many bytes once the value is written as JSON, escapes apart; less than nothing as soon as it is too long. */
function bytesLeft(value: unknown, bytes: number): number {
  if (typeof value === "string") return bytes - Buffer.byteLength(value) - 2;
  if (typeof value !== "object" || value === null || isRawNumber(value)) return bytes - 4;
  let left = bytes - 2;
  for (const [key, child] of Object.entries(value)) {
    left = bytesLeft(child, left - (Array.isArray(value) ? 1 : key.length + 4));
    if (left < 0) break;
  }
  return left;
}
