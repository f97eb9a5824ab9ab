import { isConnectionLoss, sqlState } from "../errors.ts";

// The database rolled the statement back because of what others did at the same moment: it may succeed now.
const ROLLED_BACK = new Set(["40001", "40P01"]);
const CANCELLED = "57014";

/**
 * Runs the work, and once more where that is safe: after the database rolled it back for the sake of another, and, for
 * what only reads, after its connection broke. A write is not sent again after that: it may have been committed.
 */
export async function withRetry<Result>(
  kind: "read" | "write",
  statementTimeoutMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const started = performance.now();
  try {
    return await work();
  } catch (error) {
    const state = sqlState(error) ?? "";
    // A cancellation is addressed to a connection. One that comes too late for its own statement hits the next one there.
    const wasAnothers = state === CANCELLED && performance.now() - started < statementTimeoutMs;
    if (ROLLED_BACK.has(state) || wasAnothers || (kind === "read" && isConnectionLoss(error))) return work();
    throw error;
  }
}
