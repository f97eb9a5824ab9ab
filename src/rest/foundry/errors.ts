import { type Answer, jsonAnswer } from "../../http/answer.ts";
import { type ApiError, errorHeaders, shorten, toApiError } from "../../model/errors.ts";
import type { FoundryErrorBody } from "./answers.ts";

/** An error in the words of the documented service. `code` and `param` are null where the service gives none. */
export class FoundryError extends Error {
  override readonly name = "FoundryError";
  readonly status: number;
  readonly code: string | null;
  readonly param: string | null;

  constructor(status: number, code: string | null, param: string | null, message: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

/** The error for an id of the path, or in the parameter `param`, that names no conversation which the caller can see: the same words in every case, so that nothing leaks. */
export function conversationNotFound(param: string | null, id: string): FoundryError {
  return new FoundryError(404, null, param, `Conversation with id '${id}' not found.`);
}

/** The answer to a URL that names nothing. */
export function invalidUrl(method: string, path: string): Answer {
  return foundryErrorAnswer(new FoundryError(404, null, null, `Invalid URL (${method} ${path})`));
}

const CODES: Partial<Record<ApiError["code"], string>> = {
  UNAUTHENTICATED: "invalid_api_key",
  MISSING_REQUIRED_HEADER: "missing_required_header",
  BAD_USER_INPUT: "invalid_value",
};

/** Any error in the envelope of the documented service: all four members present, null where empty. */
export function foundryErrorAnswer(error: unknown): Answer {
  const { status, code, param, message } = error instanceof FoundryError ? error : translate(toApiError(error));
  const type = status >= 500 ? "server_error" : "invalid_request_error";
  const body: FoundryErrorBody = { error: { message: shorten(message), type, param: param && shorten(param), code } };
  return jsonAnswer(status, body, errorHeaders(status));
}

function translate({ status, code, argument, message }: ApiError): FoundryError {
  return new FoundryError(status, CODES[code] ?? null, argument ?? null, message);
}
