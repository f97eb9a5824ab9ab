/** The request as traces show it: without its URL, which names agents and holds search terms. */
export interface TracedRequest {
  method: string;
  /** May hold the caller's trace (W3C traceparent), which then includes the request's. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  surface: string;
  requestId: string;
}

/**
 * Reports to a collector how long the parts of a request take. Never a text of a conversation, a parameter, a key or a
 * user.
 */
export interface Tracer {
  /** The work resolves to the HTTP status. */
  request(request: TracedRequest, work: () => Promise<number>): Promise<number>;
  operation<Result>(type: string, name: string | undefined, work: () => Result): Result;
  statement<Result>(sql: string, work: () => Promise<Result>): Promise<Result>;
}

let tracer: Tracer | null = null;

/** Sends all further traces to this tracer; null, the initial state, sends none. */
export function setTracer(next: Tracer | null): void {
  tracer = next;
}

/** Runs the work that answers a request, and resolves to its HTTP status. */
export function traceRequest(request: TracedRequest, work: () => Promise<number>): Promise<number> {
  return tracer === null ? work() : tracer.request(request, work);
}

/** Runs one GraphQL operation and returns its result. The name is the caller's. */
export function traceOperation<Result>(type: string, name: string | undefined, work: () => Result): Result {
  return tracer === null ? work() : tracer.operation(type, name, work);
}

/** Runs one statement and resolves to its result. Its text has placeholders in place of values. */
export function traceStatement<Result>(sql: string, work: () => Promise<Result>): Promise<Result> {
  return tracer === null ? work() : tracer.statement(sql, work);
}
