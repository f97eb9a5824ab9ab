import type { IncomingMessage } from "node:http";

import { ApiError } from "../model/errors.ts";

/**
 * Throws UNSUPPORTED_MEDIA_TYPE for a body that is not sent as JSON: any web page may send a form or plain text without a
 * preflight; JSON makes the browser send one first. A request without a body may name any type, or none.
 */
export function checkJsonType({ headers }: IncomingMessage): void {
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json" || !hasBody(headers)) return;
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "The body must be JSON, with the content type application/json.");
}

function hasBody(headers: IncomingMessage["headers"]): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
}
