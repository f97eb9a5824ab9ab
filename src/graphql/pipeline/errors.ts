import { type ExecutionResult, GraphQLError, type GraphQLErrorExtensions } from "graphql";

import { errorHeaders, shorten, toApiError } from "../../model/errors.ts";

/**
 * An error of the GraphQL pipeline as callers may see it. What GraphQL itself finds wrong with a document or its
 * variables passes as it is; all else is put into the terms of the catalogue, and keeps its cause for the log only.
 */
export function toPublicError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError && (error.originalError ?? undefined) === undefined) return withCode(error);
  const cause = error instanceof GraphQLError ? error.originalError : error;
  if (cause instanceof GraphQLError) return withCode(error instanceof GraphQLError ? error : cause);
  const { code, message, argument, status } = toApiError(cause);
  const extensions = {
    code,
    ...(argument !== undefined && { argument }),
    // Without it Yoga would refuse a whole event stream with status 500, where the protocol asks for an event with the error.
    http: status >= 500 ? { status, headers: errorHeaders(status) } : {},
  };
  if (error instanceof GraphQLError) return derive(error, message, extensions);
  return new GraphQLError(message, { originalError: cause instanceof Error ? cause : null, extensions });
}

/**
 * The result as it leaves in the answer to this request, or as an event of its stream: its errors with the request's id, and
 * with texts of bounded length.
 */
export function toAnswered(result: ExecutionResult, requestId: string, isEvent: boolean): ExecutionResult {
  if (result.errors === undefined) return result;
  const errors = result.errors.map((error) => {
    const { argument, ...extensions } = error.extensions;
    const shortened = typeof argument === "string" && { argument: shorten(argument) };
    return derive(error, shorten(error.message), { ...extensions, ...shortened, requestId });
  });
  return { ...result, errors: "data" in result || isEvent ? errors.map(toPlain) : errors };
}

// Derived, not constructed: graphql-js's constructor would count the lines of the document once more for every error.
function derive(error: GraphQLError, message: string, extensions: GraphQLErrorExtensions): GraphQLError {
  return Object.create(error, {
    message: { value: message, enumerable: true },
    extensions: { value: extensions, enumerable: true },
  });
}

/**
 * An error of an execution, of which there may be thousands, as a plain object: Yoga constructs every GraphQLError again.
 * Yoga still sees its status, and does not write it.
 */
function toPlain(error: GraphQLError): GraphQLError {
  const { http, ...extensions } = error.extensions;
  Object.defineProperty(extensions, "http", { value: http });
  // Safe cast: from here on an error is only looked at for its status, and written.
  return { ...error.toJSON(), extensions } as GraphQLError;
}

// What a resolver throws in graphql-js's terms has no code of Yoga's.
function withCode(error: GraphQLError): GraphQLError {
  error.extensions.code ??= "BAD_USER_INPUT";
  // A limit is 400 under both media types; what is found while parsing Yoga would answer with 200 under the older one.
  if (error.extensions.code === "LIMIT_EXCEEDED") error.extensions.http = { status: 400 };
  return error;
}
