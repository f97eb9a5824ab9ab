import type { ExecutionResult } from "graphql";

import type { WalPosition } from "../../model/wal-position.ts";
import type { Access } from "../schema/context.ts";
import type { Params } from "./parse-request.ts";

/** How the answer to an operation was made: by its document's compiled form, or field by field by the resolvers. */
type DocumentForm = "compiled" | "resolved";

/** Takes down what happens to a request. */
interface OperationLog {
  /** The operation that is run: its type, and the name that the caller gave it. */
  operation(type: string, name: string | undefined): void;
  /** A document was answered in this form. */
  document(form: DocumentForm): void;
  /** An error of the server that the answer carries or that a slower way made good, with its cause. */
  error(error: unknown): void;
  /** The code of an error that the answer carries. */
  errorCode(code: string): void;
}

/** What the server knows of a request before a surface does. */
export interface RequestContext {
  requestId: string;
  log: OperationLog;
  /** How far the database's log must be replayed where the request reads. */
  position: WalPosition;
  /** Called before the answer is sent, with how far the log must be replayed to show what the request wrote. */
  tellPosition(position: WalPosition): void;
  /** Aborted when the caller has left. */
  signal: AbortSignal;
  /** The id of the last event that the caller has seen of a subscription; null where the request names none. */
  lastEventId: string | null;
  /** The database's error where the fast way has tried the request already: the database is not asked again. */
  failure?: unknown;
  /** The outcome where the fast way has executed the request's mutation already: it is not executed again. */
  executed?: Promise<ExecutionResult>;
}

/** What the server knows of a GraphQL request before the pipeline does. */
export interface GraphQLRequest extends RequestContext {
  params: Params;
  /** Null for a request whose document cannot be parsed, and which the pipeline refuses before it needs one. */
  access: Access | null;
}

/**
 * Answers past Yoga: gives the body of an answer without errors, or null where Yoga has to answer. What the database failed with
 * stands in the request then.
 */
export type AnswerFastPost = (request: GraphQLRequest) => Promise<Buffer | null>;
