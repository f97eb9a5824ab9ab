import { GraphQLError } from "graphql";

import { errorHeaders, toApiError } from "../../model/errors.ts";

/**
 * An error of the GraphQL pipeline as callers may see it. What GraphQL itself finds wrong with a document or its
 * variables passes as it is; all else is put into the terms of the catalogue, and keeps its cause for the log only.
 */
export function toPublicError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError && (error.originalError ?? undefined) === undefined) return withCode(error);
  const cause = error instanceof GraphQLError ? error.originalError : error;
  if (cause instanceof GraphQLError) return withCode(error instanceof GraphQLError ? error : cause);
  const { code, message, argument, status } = toApiError(cause);
  return new GraphQLError(message, {
    ...(error instanceof GraphQLError && { nodes: error.nodes ?? null, path: error.path ?? null }),
    originalError: cause instanceof Error ? cause : null,
    extensions: {
      code,
      ...(argument !== undefined && { argument }),
      // Without it Yoga would refuse a whole event stream with status 500, where the protocol asks for an event that tells.
      http: status >= 500 ? { status, headers: errorHeaders(status) } : {},
    },
  });
}

/** What came before the execution, as callers may see it: its status is the answer's, under every media type. */
export function toRefusal(error: unknown): GraphQLError {
  const refusal = toPublicError(error);
  const { status } = toApiError(error);
  refusal.extensions.http = { status, headers: errorHeaders(status) };
  return refusal;
}

// A variable or a literal that its type refuses has no code of Yoga's, and an integer that is kept as text shows as what
// it is kept in.
function withCode(error: GraphQLError): GraphQLError {
  error.message = error.message.replaceAll(/\{ rawJSON: "([^"]+)" \}/g, "$1");
  error.extensions.code ??= "BAD_USER_INPUT";
  // A limit is 400 under both media types; what is found while parsing Yoga would answer with 200 under the older one.
  if (error.extensions.code === "LIMIT_EXCEEDED") error.extensions.http = { status: 400 };
  // Yoga's own name for its limit on the body, which is 413.
  if (error.extensions.code === "REQUEST_ENTITY_TOO_LARGE") error.extensions.code = "LIMIT_EXCEEDED";
  return error;
}
