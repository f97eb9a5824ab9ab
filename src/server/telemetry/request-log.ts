import { hash } from "node:crypto";
import type { Logger } from "../../log.ts";
import { isDiskFull, noSpaceLeft, toApiError } from "../../model/errors.ts";
import type { Metrics } from "./metrics.ts";

/** Logs and counts one request: never its content, its keys or its isolation key. */
export interface RequestLog {
  /** The caller. The log gets the project and a hash of the isolation key. */
  caller(projectId: string, isolationKey: string | null): void;
  /** The operation that runs: its type, and the name that the caller gave it. */
  operation(type: string, name: string | undefined): void;
  /** A document was answered in this form: compiled or resolved. */
  document(form: string): void;
  /** An error. The log gets the server's own, with their cause; a caller's mistakes are not logged. */
  error(error: unknown): void;
  /** The answer carries an error with this code. */
  errorCode(code: string): void;
  /** Whether the answer carries an error. */
  hasError(): boolean;
  /** The request is over. */
  end(method: string | undefined, status: number): void;
}

// The caller chooses the name, which may be as long as a body.
const MAX_NAME_CHARACTERS = 100;

interface RequestLogOptions {
  log: Logger;
  /** Where counts go, if anywhere. */
  metrics: Metrics | null;
  /**
   * A random text, the same for all requests of a server: a hash with it shows that two requests had the same user, and cannot be
   * compared with a guess.
   */
  userHashKey: string;
}

/** The log of the request with this id, which starts now. */
export function createRequestLog(
  { log, metrics, userHashKey }: RequestLogOptions,
  requestId: string,
  surface: string,
): RequestLog {
  const started = performance.now();
  const noted: Record<string, unknown> = { requestId };
  const isWritten = log.isLevelEnabled("info");
  let operationType = "";
  let hasError = false;
  return {
    caller(projectId, isolationKey) {
      if (!isWritten) return;
      noted.project = projectId;
      if (isolationKey !== null) noted.user = hash("sha256", userHashKey + isolationKey, "base64url").slice(0, 16);
    },
    operation(type, name) {
      operationType = type;
      noted.operation = (name ?? type).slice(0, MAX_NAME_CHARACTERS);
    },
    error(error) {
      const { status, cause } = toApiError(error);
      if (status < 500) return;
      const failure = cause ?? error;
      log.error({ requestId, err: failure }, isDiskFull(failure) ? noSpaceLeft("of the database") : "request failed");
    },
    document: (form) => metrics?.document(form),
    errorCode(code) {
      hasError = true;
      metrics?.error(surface, code);
    },
    hasError: () => hasError,
    end(method, status) {
      const durationMs = performance.now() - started;
      log.info({ ...noted, surface, method, status, durationMs: Math.round(durationMs) }, "request");
      metrics?.request({ surface, operation: operationType, status, seconds: durationMs / 1000 });
    },
  };
}
