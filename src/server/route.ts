import type { IncomingMessage, ServerResponse } from "node:http";

import type { Answer } from "../http/answer.ts";
import type { RequestLog } from "./telemetry/request-log.ts";

/** One request while it passes through the server. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  path: string;
  /** What follows the question mark. */
  query: string;
  log: RequestLog;
  /** Aborted when the caller is gone before the answer is sent. */
  signal: AbortSignal;
}

/** What answers the requests of one kind of URL. */
export interface Route {
  /** The name in the log. */
  surface: string;
  methods: readonly string[];
  /** The answer, or null when it has been sent already. What it throws, `fail` puts into the surface's envelope. */
  answer(exchange: Exchange): Promise<Answer | null>;
  fail(error: unknown, exchange: Exchange): Answer;
}
