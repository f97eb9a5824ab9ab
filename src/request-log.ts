import { createHmac, randomBytes } from "node:crypto";

import { toApiError } from "./errors.ts";
import type { Logger } from "./log.ts";

/** What is written down of one request: never its content, its keys or its isolation key. */
export interface RequestLog {
  /** Who asked, as far as it may be told. */
  caller(projectId: string, isolationKey: string | null): void;
  /** The name of the operation that was run. */
  operation(name: string): void;
  /** An error of the server, with its cause; what a caller did wrong is not written down. */
  error(error: unknown): void;
  /** The request is over. */
  end(surface: string, method: string | undefined, status: number): void;
}

// One for each process: a hash tells that two requests were the same user's, and cannot be compared with a guess.
const HASH_KEY = randomBytes(32);

// The caller chooses the name, and a body may be as long as a megabyte.
const MAX_NAME_CHARACTERS = 100;

/** A log for the request with this id, which starts now. */
export function createRequestLog(log: Logger, requestId: string): RequestLog {
  const started = performance.now();
  const noted: Record<string, unknown> = { requestId };
  return {
    caller(projectId, isolationKey) {
      noted.project = projectId;
      if (isolationKey !== null) noted.user = hashIsolationKey(isolationKey);
    },
    operation(name) {
      noted.operation = name.slice(0, MAX_NAME_CHARACTERS);
    },
    error(error) {
      const { status, cause } = toApiError(error);
      if (status >= 500) log.error({ requestId, err: cause ?? error }, "request failed");
    },
    end(surface, method, status) {
      const durationMs = Math.round(performance.now() - started);
      log.info({ ...noted, surface, method, status, durationMs }, "request");
    },
  };
}

function hashIsolationKey(isolationKey: string): string {
  return createHmac("sha256", HASH_KEY).update(isolationKey).digest("base64url").slice(0, 16);
}
