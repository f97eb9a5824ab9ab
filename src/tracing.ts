/** What is told of a request: nothing of its URL, which names agents and holds what is searched for. */
export interface TracedRequest {
  method: string;
  /** May hold the caller's trace (W3C traceparent), which the request's then is a part of. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  surface: string;
  requestId: string;
}

/** Tells a collector how long the parts of a request take. Never what people write: no text, parameter, key or user. */
export interface Tracer {
  /** The work resolves to the HTTP status. */
  request(request: TracedRequest, work: () => Promise<number>): Promise<number>;
  operation<Result>(type: string, name: string | undefined, work: () => Result): Result;
  statement<Result>(sql: string, work: () => Promise<Result>): Promise<Result>;
}

let tracer: Tracer | null = null;

/** From now on traces go to this tracer; null for none, which is how a process begins. */
export function setTracer(next: Tracer | null): void {
  tracer = next;
}

/** Runs the work that answers a request, and resolves as it does, to the HTTP status. */
export function traceRequest(request: TracedRequest, work: () => Promise<number>): Promise<number> {
  return tracer === null ? work() : tracer.request(request, work);
}

/** Runs one GraphQL operation. The name is the caller's. */
export function traceOperation<Result>(type: string, name: string | undefined, work: () => Result): Result {
  return tracer === null ? work() : tracer.operation(type, name, work);
}

/** Runs one statement. Of its values the text has the places only. */
export function traceStatement<Result>(sql: string, work: () => Promise<Result>): Promise<Result> {
  return tracer === null ? work() : tracer.statement(sql, work);
}
