import { GraphQLError } from "graphql";

import { ApiError, isLimitExceeded, isUnreachable, sqlState } from "../../model/errors.ts";
import type { RequestContext } from "../pipeline/request.ts";
import { NotCompiled } from "./writer.ts";

// Where something goes wrong here, the resolvers answer. An unforeseen error is a fault of this folder: it is logged, as the
// answer does not show it.

/**
 * What the step gives before anything is read. Null where the resolvers have to answer: they say which argument breaks a rule,
 * and where.
 */
export function orResolve<Result>(log: RequestContext["log"], step: () => Result): Result | null {
  try {
    return step();
  } catch (error) {
    const isForeseen = error instanceof NotCompiled || error instanceof ApiError || error instanceof GraphQLError;
    if (!isForeseen) log.error(error);
    return null;
  }
}

/**
 * The database's failure, from what reading or writing ended with: the answer is what the resolvers make of it, without asking
 * the database again. Undefined where they may ask, as too much was asked for here, or the fault is this folder's own.
 */
export function failureOf(error: unknown, { log, signal }: Pick<RequestContext, "log" | "signal">): unknown {
  if (isLimitExceeded(error)) return undefined;
  // The statements of a caller that has left are cancelled.
  const isDatabases = error instanceof ApiError || sqlState(error) !== undefined || isUnreachable(error);
  if (isDatabases || signal.aborted) return error;
  log.error(error);
  return undefined;
}
