import type { Run } from "../graphql/stored-document.ts";
import type { Scope } from "../store/scope.ts";

/** A request of one of the REST lists, after the server found its route and its caller's scope. */
export interface ListRequest {
  query: URLSearchParams;
  scope: Scope;
  run: Run;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** The whole body, or its pieces as they become ready. */
  body: string | Buffer | AsyncIterable<string>;
}

/** A JSON answer, in the compact form that both documented services send. */
export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { "content-type": "application/json; charset=utf-8", ...headers }, body: JSON.stringify(body) };
}

/** What both dialects answer with when the database is away: when to try again, in seconds. */
export function retryHeaders(status: number): Record<string, string> {
  return status === 503 ? { "retry-after": "1" } : {};
}
