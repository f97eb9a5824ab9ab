import { STATUS_CODES } from "node:http";
import type { Answer } from "../../http/answer.ts";
import { errorHeaders, toApiError } from "../../model/errors.ts";

/** Any error as a problem document (RFC 9457); `param` names the parameter at fault. */
export function fixieErrorAnswer(error: unknown): Answer {
  const { status, argument, message } = toApiError(error);
  const problem = {
    type: "about:blank",
    title: STATUS_CODES[status],
    status,
    detail: message,
    ...(argument !== undefined && { param: argument }),
  };
  const headers = { "content-type": "application/problem+json; charset=utf-8", ...errorHeaders(status) };
  return { status, headers, body: JSON.stringify(problem) };
}
