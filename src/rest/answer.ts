import type { Run } from "../graphql/stored-document.ts";

/** A request of one of the REST lists, after the server found its route and let its caller in. */
export interface ListRequest {
  query: URLSearchParams;
  /** Runs documents of ours within what the caller may see. */
  run: Run;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** The whole body, or its pieces as they become ready. */
  body: string | Buffer | AsyncIterable<Buffer>;
}

/** A JSON answer, in the compact form that both documented services send. */
export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}

/** What every dialect says beside its errors: when to try again, in seconds, and how to be let in. */
export function errorHeaders(status: number): Record<string, string> {
  if (status === 503) return { "retry-after": "1" };
  return status === 401 ? { "www-authenticate": "Bearer" } : {};
}
