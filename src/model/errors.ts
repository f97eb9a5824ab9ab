/**
 * The one catalogue of errors: code, HTTP status, and which SQLSTATE becomes which. Each surface words the envelope,
 * not the error.
 */

const STATUS_OF_CODE = {
  BAD_USER_INPUT: 400,
  BAD_REQUEST: 400,
  MISSING_REQUIRED_HEADER: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  CONFLICT: 409,
  UNSUPPORTED_MEDIA_TYPE: 415,
  LIMIT_EXCEEDED: 400,
  PERSISTED_QUERY_NOT_FOUND: 400,
  PERSISTED_QUERY_MISMATCH: 400,
  PERSISTED_QUERY_ID_REQUIRED: 400,
  PERSISTED_QUERY_NOT_IN_LIST: 400,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
  TIMEOUT: 504,
} as const;

export type ErrorCode = keyof typeof STATUS_OF_CODE;

/** An error that callers may see. Any other thrown value is answered as INTERNAL_SERVER_ERROR, without its text. */
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

/** The error for a body over the size limit. */
export class BodyTooLarge extends ApiError {
  constructor(maxBytes: number) {
    super("LIMIT_EXCEEDED", `The body may have up to ${maxBytes} bytes.`);
  }

  // The only limit with an HTTP status of its own.
  override get status(): number {
    return 413;
  }
}

/** The error for an answer over the size limit, or whose rows are. */
export function answerTooLong(maxBytes: number): ApiError {
  return new ApiError("LIMIT_EXCEEDED", `The answer would have more than ${maxBytes} bytes: ask for less at a time.`);
}

/**
 * The error for an id that names nothing visible to the caller, worded alike for every reason; `argument` is the path
 * of the id.
 */
export function notFound(kind: "conversation" | "turn", argument: string): ApiError {
  return new ApiError("NOT_FOUND", `There is no ${kind} with this id.`, argument);
}

/** The error for a write of a caller that may only read. */
export function readOnlyCaller(): ApiError {
  return new ApiError("FORBIDDEN", "This caller may only read.");
}

/** The error for an argument that breaks its documented rule; `argument` is its path from the field. */
export function badInput(argument: string, message: string): ApiError {
  return new ApiError("BAD_USER_INPUT", message, argument);
}

// Both may quote a caller's text, which may be as long as a body.
const MAX_TEXT_CHARACTERS = 1000;

/**
 * A message, or the path of an argument, cut for an answer: up to 1,000 characters, the last an ellipsis where text was
 * cut.
 */
export function shorten(text: string): string {
  if (text.length <= MAX_TEXT_CHARACTERS) return text;
  const kept = text.slice(0, MAX_TEXT_CHARACTERS - 1);
  const isCutInPair = /[\ud800-\udbff]$/.test(kept.slice(-1));
  return `${isCutInPair ? kept.slice(0, -1) : kept}…`;
}

const UNAVAILABLE = "The database is not available. Try again shortly.";

/** The error for a database that does not answer. */
export function databaseAway(): ApiError {
  return new ApiError("SERVICE_UNAVAILABLE", UNAVAILABLE);
}

/** The error for a request that cannot be served in time, because too many wait already. */
export function serverBusy(): ApiError {
  return new ApiError("SERVICE_UNAVAILABLE", "The server is busy. Try again shortly.");
}

/** The SQLSTATE of a write on a server that takes none: a standby, or a primary that is set read-only. */
export const READ_ONLY = "25006";

/** How Citus says that it lost a machine, of the commit and of a statement before it: its SQLSTATE, XX000, says any fault. */
const MACHINE_LOST = /^(could not commit transaction|failure on connection marked as essential)/;

/** The error that each SQLSTATE becomes; a key of two characters stands for its whole class. */
const CODE_OF_SQLSTATE: Record<string, [ErrorCode, string]> = {
  "23505": ["CONFLICT", "An object with this id exists already."],
  [READ_ONLY]: ["SERVICE_UNAVAILABLE", UNAVAILABLE],
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

/** Codes of postgres.js and Node for a database that cannot be reached or a connection that broke. */
const CONNECTION_CODES = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "EAI_AGAIN",
  "EADDRNOTAVAIL",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Codes of an established connection that broke: the fate of its last statement is unknown. */
const LOSS_CODES = new Set(["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "ECONNRESET", "EPIPE", "57P01", "57P02"]);

/** Whether the connection to the database broke while it was in use. */
export function isConnectionLoss(thrown: unknown): boolean {
  const code = errorCode(thrown);
  // Another machine's, which the database lost: the connection to the database itself stays.
  if (code?.startsWith("08") && endsStatementAlone(thrown)) return false;
  return code !== undefined && (LOSS_CODES.has(code) || /^08[0-9A-Z]{3}$/.test(code));
}

/** Whether it is an error of PostgreSQL that leaves the connection as it is: not FATAL, in no language. */
function endsStatementAlone(thrown: unknown): boolean {
  return typeof thrown === "object" && thrown !== null && "severity" in thrown && thrown.severity === "ERROR";
}

/** Whether the database could not be reached, takes no connections, or was lost. */
export function isUnreachable(thrown: unknown): boolean {
  const code = errorCode(thrown);
  return code !== undefined && (CONNECTION_CODES.has(code) || code.startsWith("57P") || isConnectionLoss(thrown));
}

/** Whether a device had no room for a write: the database's (SQLSTATE 53100), or that of a file of this process. */
export function isDiskFull(thrown: unknown): boolean {
  const code = errorCode(thrown);
  return code === "53100" || code === "ENOSPC";
}

/** The text of the log and the commands for a full device. Callers get the text for any unavailable database. */
export function noSpaceLeft(place: string): string {
  return `No space left on the device ${place}`;
}

/** Whether the error refuses an excessive request: the database is as it was. */
export function isLimitExceeded(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.code === "LIMIT_EXCEEDED";
}

/** The SQLSTATE of an error from the database; undefined for any other. */
export function sqlState(thrown: unknown): string | undefined {
  const code = errorCode(thrown);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Any thrown value as the error that a caller may see; the original becomes its `cause`, for the log. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const known: [ErrorCode, string] | undefined = isMachineLost(thrown)
    ? ["SERVICE_UNAVAILABLE", UNAVAILABLE]
    : lookUp(errorCode(thrown));
  const [apiCode, message] = known ?? ["INTERNAL_SERVER_ERROR", "Something went wrong on the server."];
  return new ApiError(apiCode, message, undefined, { cause: thrown });
}

function errorCode(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}

function isMachineLost(thrown: unknown): boolean {
  return errorCode(thrown) === "XX000" && thrown instanceof Error && MACHINE_LOST.test(thrown.message);
}

function lookUp(code: string | undefined): [ErrorCode, string] | undefined {
  if (code === undefined) return undefined;
  if (CONNECTION_CODES.has(code)) return ["SERVICE_UNAVAILABLE", UNAVAILABLE];
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  return CODE_OF_SQLSTATE[code] ?? CODE_OF_SQLSTATE[code.slice(0, 3)] ?? CODE_OF_SQLSTATE[code.slice(0, 2)];
}

/**
 * The headers that every surface adds to an error of the status: when to retry, in seconds, and how to authenticate.
 */
export function errorHeaders(status: number): Record<string, string> {
  if (status === 503) return { "retry-after": "1" };
  return status === 401 ? { "www-authenticate": "Bearer" } : {};
}

/** The first code of the catalogue with the status, for an error that a surface words in terms of its own. */
export function codeOfStatus(status: number): string {
  const found = Object.entries(STATUS_OF_CODE).find(([, candidate]) => candidate === status);
  return found?.[0] ?? "INTERNAL_SERVER_ERROR";
}
