import type { Backend } from "./cancel-request.ts";

// A way into postgres.js, which keeps the session in `query.state` for itself, and shows it in results only, which is too late to
// cancel the statement. test/house/seams.test.ts holds what is expected of it.

/** The session that runs the statement of the query; null while the statement waits for a connection. */
export function sessionOf(query: object): Backend | null {
  // Safe cast: its types leave it out.
  const { state } = query as { state?: Backend | null };
  return state ?? null;
}
