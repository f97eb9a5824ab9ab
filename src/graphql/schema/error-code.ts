import type { ErrorCode } from "../../model/errors.ts";
import { builder } from "./builder.ts";

/** The codes that are GraphQL's own, and not the catalogue's. */
type DocumentCode = "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED" | "OPERATION_RESOLUTION_FAILURE";

// A code that the catalogue gains is described here, or does not compile.
const CODES: Record<ErrorCode | DocumentCode, { description: string }> = {
  BAD_USER_INPUT: {
    description:
      "An argument breaks its rule; `extensions.argument` is its path. The client corrects it: the same request fails again.",
  },
  BAD_REQUEST: { description: "The body is no GraphQL request in JSON. A fault of the client's program." },
  MISSING_REQUIRED_HEADER: {
    description:
      "The key is for one user at a time, whom the header `x-ms-user-isolation-key` names. The client adds it.",
  },
  UNAUTHENTICATED: {
    description:
      "The request has no valid key or token, or one that was revoked or has expired. The client asks its user to sign in again.",
  },
  FORBIDDEN: {
    description:
      "The caller's key or token does not allow this: it may only read, or it is another user's than the header `x-ms-user-isolation-key` names. While no key exists: the caller is not on the server's machine. The same request fails again.",
  },
  NOT_FOUND: {
    description:
      "The caller sees no object with the id that a mutation or subscription names. The client forgets the object.",
  },
  METHOD_NOT_ALLOWED: { description: "A mutation came by GET. The client sends it by POST." },
  NOT_ACCEPTABLE: {
    description:
      "The `Accept` header names no media type of this answer. The client asks for one that the message names.",
  },
  CONFLICT: {
    description:
      "The object is not as the request takes it to be: an id or idempotency key is taken, a turn is final, a revision has passed. The client reads it again and decides.",
  },
  UNSUPPORTED_MEDIA_TYPE: { description: "The body is not declared as JSON. A fault of the client's program." },
  LIMIT_EXCEEDED: {
    description: "The request asks for more than one request may. The client asks for less at a time.",
  },
  INTERNAL_SERVER_ERROR: {
    description:
      "Something is wrong on the server, whose log has it under `extensions.requestId`. The client shows that id; a retry rarely helps.",
  },
  SERVICE_UNAVAILABLE: {
    description:
      "The database is away or busy. The client tries again after the seconds in `Retry-After`; a write with its idempotency key.",
  },
  TIMEOUT: {
    description: "The read or write took too long and was cancelled. The client asks for less, or tries again later.",
  },
  PERSISTED_QUERY_NOT_FOUND: {
    description: "The server does not know the document of this id. The client sends the document with it.",
  },
  PERSISTED_QUERY_MISMATCH: {
    description: "The id is not that of the document beside it. A fault of the client's program.",
  },
  PERSISTED_QUERY_ID_REQUIRED: {
    description: "Only trusted documents are answered. The client names one by its id.",
  },
  PERSISTED_QUERY_NOT_IN_LIST: {
    description:
      "Only trusted documents are answered, and this is none of them. The client was built from another list.",
  },
  GRAPHQL_PARSE_FAILED: { description: "The document is no GraphQL. A fault of the client's program." },
  GRAPHQL_VALIDATION_FAILED: {
    description: "The document does not fit this schema. The client was generated from another one.",
  },
  OPERATION_RESOLUTION_FAILURE: {
    description: "The document has several operations, and `operationName` names none of them.",
  },
};

builder.enumType("ErrorCode", {
  description:
    "Every `code` that the `extensions` of an error can have. No field has this type: it is here for code generators.",
  values: CODES,
});
