import { STATUS_CODES } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { InputError } from "../../formats/format-errors.ts";
import { isJsonObject, parseJson } from "../../model/json.ts";
import { codeOf, reasonOf } from "../reason.ts";

/** Statuses of failures that may pass. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 300_000;
const REASON_LENGTH = 300;

export interface ServiceOptions {
  /** The headers of every request. */
  headers: Record<string, string>;
  /** The secret to hide in whatever the service writes; null for none. */
  key: string | null;
  /** The time limit of one request, its answer included, in milliseconds. */
  timeoutMs: number;
  /** Ends running requests and pauses. */
  signal: AbortSignal;
}

/** The reason why a service did not answer a request as documented. */
export class ServiceError extends InputError {
  /** The status of the answer; null when there was none, or it broke off. */
  readonly status: number | null;
  /** The service's own reason; empty when it gave none. */
  readonly reason: string;
  /** The pause in milliseconds that the service requests; null when it requests none. */
  readonly pauseMs: number | null;

  constructor(message: string, status: number | null, reason = "", pauseMs: number | null = null) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.pauseMs = pauseMs;
  }
}

/**
 * Requests a URL and resolves to the JSON of the answer, with numbers digit for digit. Throws ServiceError; AbortError
 * when interrupted.
 */
export type Ask = (url: string) => Promise<unknown>;

/**
 * A function that requests URLs of one service. A failure that may pass (no connection, 429, 5XX, an answer that breaks
 * off) is retried five times, with growing pauses or after the time that the service gives. A service that has never
 * answered is not retried: the address is more likely wrong.
 */
export function createService({ headers, key, timeoutMs, signal }: ServiceOptions): Ask {
  let hasAnswered = false;

  async function askOnce(url: string): Promise<unknown> {
    const { origin, pathname } = new URL(url);
    const asked = `GET ${origin}${pathname}`;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      // Redirects are not followed: fetch would send the `api-key` along to any destination.
      const init = { headers, redirect: "manual", signal: AbortSignal.any([signal, timeout]) } as const;
      const response = await fetch(url, init);
      hasAnswered = true;
      return readAnswer(asked, response, await response.text(), key);
    } catch (error) {
      if (error instanceof ServiceError || signal.aborted) throw error;
      if (timeout.aborted) throw new ServiceError(`${asked}: no answer within ${timeoutMs / 1000} s`, null);
      throw new ServiceError(`${asked}: ${describeLoss(error)}`, null);
    }
  }

  return async (url) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await askOnce(url);
      } catch (error) {
        if (!(error instanceof ServiceError) || !hasAnswered || attempt === ATTEMPTS) throw error;
        if (error.status !== null && !PASSING.has(error.status)) throw error;
        const pauseMs = error.pauseMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
        if (pauseMs > LONGEST_PAUSE_MS) {
          throw new ServiceError(`${error.message} (it asks to wait ${Math.ceil(pauseMs / 1000)} s)`, error.status);
        }
        await sleep(pauseMs, undefined, { signal });
      }
    }
  };
}

function readAnswer(asked: string, response: Response, body: string, key: string | null): unknown {
  const { status, headers } = response;
  const type = headers.get("content-type") ?? "no content type";
  const document = parse(body);
  if (status >= 200 && status < 300) {
    if (document !== undefined) return document;
    // JSON that does not end was cut off on its way, which a retry may fix.
    if (/[/+]json\b/.test(type)) throw new ServiceError(`${asked}: the answer is no whole JSON`, null);
    throw new ServiceError(`${asked}: the answer is not JSON but ${type}. Is --url right?`, status);
  }
  const reason = hide(document === undefined ? plainText(body, type) : reasonIn(document), key).slice(0, REASON_LENGTH);
  const said = `${asked}: ${status} ${reason || (STATUS_CODES[status] ?? "")}`.trim();
  const message = [said, hide(advice(status, headers, key !== null), key)].filter((part) => part !== "").join(" ");
  throw new ServiceError(message, status, reason, readPause(headers.get("retry-after")));
}

function advice(status: number, headers: Headers, hasKey: boolean): string {
  if (status === 401 || status === 403) {
    return hasKey ? "(--key-file or --key gives the key)" : "(no key was given: --key-file or --key)";
  }
  if (status === 404) return "(are --url and --agent right?)";
  return status >= 300 && status < 400
    ? `(it points to ${headers.get("location") ?? "nowhere"}: is that the --url?)`
    : "";
}

/** The reason in an error's body: OpenAI's envelope, or a problem document. */
function reasonIn(document: unknown): string {
  if (!isJsonObject(document)) return "";
  const { error, detail, title, message } = document;
  const inner = isJsonObject(error) ? error.message : error;
  return [inner, detail, message, title].find((text) => typeof text === "string" && text !== "")?.toString() ?? "";
}

function plainText(body: string, type: string): string {
  return type.startsWith("text/plain") ? body.trim() : "";
}

function parse(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

/** The milliseconds of a `Retry-After`, which is in seconds or a date; null for anything else. */
function readPause(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  const pauseMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(pauseMs) ? null : Math.max(pauseMs, 0);
}

/** The reason of a lost connection: the error of fetch says only that it failed, and its cause says how. */
function describeLoss(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = codeOf(cause);
  const reason = reasonOf(cause);
  return `no connection: ${code === undefined || reason.includes(code) ? reason : `${reason} (${code})`}`;
}

/** Hides the key in a text: services quote the key that they refuse. */
function hide(text: string, key: string | null): string {
  return key === null ? text : text.replaceAll(key, "…");
}
