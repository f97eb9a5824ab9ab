/** What a trace has of a request: nothing of its URL, which names agents and holds the words of searches. */
export interface TracedRequest {
  method: string;
  /** May hold the caller's trace (W3C traceparent), which the request then becomes a part of. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  surface: string;
  requestId: string;
}

/** Reports to a collector how long the parts of a request take. It gets no text, parameter, key or user. */
export interface Tracer {
  /** The work resolves to the HTTP status. */
  request(request: TracedRequest, work: () => Promise<number>): Promise<number>;
  operation<Result>(type: string, name: string | undefined, work: () => Result): Result;
  statement<Result>(sql: string, work: () => Promise<Result>): Promise<Result>;
}

let tracer: Tracer | null = null;

/** Sends traces to this tracer from now on; null sends none, as at the start of a process. */
export function setTracer(next: Tracer | null): void {
  tracer = next;
}

/** Runs the work that answers a request, and resolves to its HTTP status. */
export function traceRequest(request: TracedRequest, work: () => Promise<number>): Promise<number> {
  return tracer === null ? work() : tracer.request(request, work);
}

/** Runs the work of one GraphQL operation and gives what it gives. The name is the caller's. */
export function traceOperation<Result>(type: string, name: string | undefined, work: () => Result): Result {
  return tracer === null ? work() : tracer.operation(type, name, work);
}

/** Runs the work of one statement and resolves as it does. The text has placeholders, never values. */
export function traceStatement<Result>(sql: string, work: () => Promise<Result>): Promise<Result> {
  return tracer === null ? work() : tracer.statement(sql, work);
}
