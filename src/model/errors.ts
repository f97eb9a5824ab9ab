/** The one catalogue of errors: code, HTTP status, and which SQLSTATE becomes which. Each edge words the envelope, not the error. */

const STATUS_OF_CODE = {
  BAD_USER_INPUT: 400,
  MISSING_REQUIRED_HEADER: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  UNSUPPORTED_MEDIA_TYPE: 415,
  LIMIT_EXCEEDED: 400,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
  TIMEOUT: 504,
} as const;

export type ErrorCode = keyof typeof STATUS_OF_CODE;

/** An error that may be shown to the caller. Everything else that is thrown is answered as INTERNAL_SERVER_ERROR, without its text. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  /** The path of the argument at fault, such as `input.turn.messages.0.text`; undefined where no single argument is. */
  readonly argument: string | undefined;

  constructor(code: ErrorCode, message: string, argument?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.argument = argument;
  }

  get status(): number {
    return STATUS_OF_CODE[this.code];
  }
}

/** An id that names nothing which the caller sees, in the same words whatever the reason; `argument` is where it stands. */
export function notFound(kind: "conversation" | "turn", argument: string): ApiError {
  return new ApiError("NOT_FOUND", `There is no ${kind} with this id.`, argument);
}

/** An argument that breaks its documented rule; `argument` is its path from the field. */
export function badInput(argument: string, message: string): ApiError {
  return new ApiError("BAD_USER_INPUT", message, argument);
}

const UNAVAILABLE = "The database is not available. Try again shortly.";

/** The database does not answer. */
export function databaseAway(): ApiError {
  return new ApiError("SERVICE_UNAVAILABLE", UNAVAILABLE);
}

/** Which error an SQLSTATE becomes; a key of two characters stands for its whole class. */
const CODE_OF_SQLSTATE: Record<string, [ErrorCode, string]> = {
  "23505": ["CONFLICT", "An object with this id exists already."],
  "22": ["BAD_USER_INPUT", "A value cannot be stored."],
  "08": ["SERVICE_UNAVAILABLE", UNAVAILABLE],
  "53": ["SERVICE_UNAVAILABLE", UNAVAILABLE],
  "57P": ["SERVICE_UNAVAILABLE", UNAVAILABLE],
  "3D000": ["SERVICE_UNAVAILABLE", UNAVAILABLE],
  "42P01": ["SERVICE_UNAVAILABLE", "The database is not migrated yet."],
  "57014": ["TIMEOUT", "The statement took too long and was cancelled."],
  "55P03": ["SERVICE_UNAVAILABLE", UNAVAILABLE],
  "40001": ["SERVICE_UNAVAILABLE", UNAVAILABLE],
  "40P01": ["SERVICE_UNAVAILABLE", UNAVAILABLE],
};

/** Codes that postgres.js and Node give when the database cannot be reached or the connection broke. */
const CONNECTION_CODES = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Codes of a connection that stood and broke, so that nobody knows what became of its last statement. */
const LOSS_CODES = new Set(["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "ECONNRESET", "EPIPE", "57P01", "57P02"]);

/** Whether the connection to the database broke while it was used. */
export function isConnectionLoss(thrown: unknown): boolean {
  const code = errorCode(thrown);
  return code !== undefined && (LOSS_CODES.has(code) || /^08[0-9A-Z]{3}$/.test(code));
}

/** The SQLSTATE of an error that the database gave; undefined for any other. */
export function sqlState(thrown: unknown): string | undefined {
  const code = errorCode(thrown);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Any thrown value as the error that a caller may see; the original stays its `cause`, for the log. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const code = errorCode(thrown);
  const [apiCode, message] = lookUp(code) ?? ["INTERNAL_SERVER_ERROR", "Something went wrong on the server."];
  return new ApiError(apiCode, message, undefined, { cause: thrown });
}

function errorCode(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

function lookUp(code: string | undefined): [ErrorCode, string] | undefined {
  if (code === undefined) return undefined;
  if (CONNECTION_CODES.has(code)) return ["SERVICE_UNAVAILABLE", UNAVAILABLE];
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  return CODE_OF_SQLSTATE[code] ?? CODE_OF_SQLSTATE[code.slice(0, 3)] ?? CODE_OF_SQLSTATE[code.slice(0, 2)];
}

/** What every surface says beside an error of the status: when to try again, in seconds, and how to be let in. */
export function errorHeaders(status: number): Record<string, string> {
  if (status === 503) return { "retry-after": "1" };
  return status === 401 ? { "www-authenticate": "Bearer" } : {};
}

/** The first code of the catalogue with the status, for an error that a surface words in terms of its own. */
export function codeOfStatus(status: number): string {
  const found = Object.entries(STATUS_OF_CODE).find(([, candidate]) => candidate === status);
  return found?.[0] ?? "INTERNAL_SERVER_ERROR";
}
