import type { IncomingMessage } from "node:http";

import { ApiError } from "../model/errors.ts";
import { hasKeyPrefix } from "../store/keys/keys.ts";

/** What a request shows to be let in. */
export type Credential =
  | { kind: "none" }
  | { kind: "key" | "token"; text: string }
  /** Several different ones, of which none counts. */
  | { kind: "several" };

/** Why a credential opens nothing, for the metrics. */
export type Refusal = "missing" | "invalid" | "revoked" | "expired";

/** What the bearer of a token that has expired is told. */
export const TOKEN_EXPIRED = "The token has expired.";

/** The error for a credential that opens nothing. */
export class CredentialRefused extends ApiError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super("UNAUTHENTICATED", message);
    this.refusal = refusal;
  }
}

/**
 * The credential of the request. The same one may be sent twice, and in both headers. What does not begin as keys do is a token
 * where the server takes tokens.
 */
export function readCredential({ headersDistinct }: IncomingMessage, takesTokens: boolean): Credential {
  const { authorization = [], "api-key": apiKeys = [] } = headersDistinct;
  // Other schemes belong to what stands in front of the server.
  const bearers = authorization.filter((value) => /^Bearer\b/i.test(value)).map(readBearer);
  const [text, ...others] = new Set([...bearers, ...apiKeys]);
  if (text === undefined) return { kind: "none" };
  if (others.length > 0) return { kind: "several" };
  return { kind: takesTokens && !hasKeyPrefix(text) ? "token" : "key", text };
}

function readBearer(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
}
