import type { IncomingMessage } from "node:http";

import { ApiError } from "../model/errors.ts";

/** What a request shows to be let in. */
export type Credential =
  | { kind: "none" }
  | { kind: "key"; text: string }
  /** Several different ones, of which none counts. */
  | { kind: "several" };

/** Why a credential opens nothing, for the metrics. */
export type Refusal = "missing" | "invalid" | "revoked" | "expired";

/** The error for a credential that opens nothing. */
export class CredentialRefused extends ApiError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super("UNAUTHENTICATED", message);
    this.refusal = refusal;
  }
}

/** The credential of the request. The same one may be sent twice, and in both headers. */
export function readCredential({ headersDistinct }: IncomingMessage): Credential {
  const { authorization = [], "api-key": apiKeys = [] } = headersDistinct;
  // Other schemes belong to what stands in front of the server.
  const bearers = authorization.filter((value) => /^Bearer\b/i.test(value)).map(readBearer);
  const [text, ...others] = new Set([...bearers, ...apiKeys]);
  if (text === undefined) return { kind: "none" };
  return others.length === 0 ? { kind: "key", text } : { kind: "several" };
}

function readBearer(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
}
