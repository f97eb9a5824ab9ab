import { STATUS_CODES } from "node:http";

import { errorHeaders, shorten, toApiError } from "../model/errors.ts";
import type { Answer } from "./answer.ts";

/** A problem document (RFC 9457) as an answer; `param`, left out when undefined, names the parameter or header at fault. */
export function writeProblem(status: number, detail: string, param?: string): Answer {
  const problem = { type: "about:blank", title: STATUS_CODES[status], status, detail: shorten(detail), param };
  const headers = { "content-type": "application/problem+json; charset=utf-8", ...errorHeaders(status) };
  return { status, headers, body: JSON.stringify(problem) };
}

/** Any error as a problem document. */
export function problemAnswer(error: unknown): Answer {
  const { status, message, argument } = toApiError(error);
  return writeProblem(status, message, argument);
}
