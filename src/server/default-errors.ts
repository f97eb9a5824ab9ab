import type { Answer } from "../http/answer.ts";
import { writeProblem } from "../http/problem-answer.ts";

// What belongs to no surface with an envelope of its own is answered with problem documents (RFC 9457).

/** The answer to a URL that names nothing here. */
export function unknownUrl(method: string, path: string): Answer {
  return writeProblem(404, `Nothing is served at this URL (${method} ${path}).`);
}

/** The answer to what cannot be read as a request: 400, 408 for one that never ended, 431 for headers beyond any bound. */
export function malformedRequest(status: number): Answer {
  return writeProblem(status, "This is not a request that can be understood.");
}

/** The answer to a request for a tunnel. */
export function tunnelRefused(): Answer {
  const answer = writeProblem(405, "This server is no proxy: the method CONNECT is not allowed.");
  return { ...answer, headers: { ...answer.headers, allow: "GET, HEAD, POST" } };
}
