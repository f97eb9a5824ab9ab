import type { IncomingMessage, ServerResponse } from "node:http";

import { ApiError } from "../model/errors.ts";

/**
 * Throws UNSUPPORTED_MEDIA_TYPE for a POST with an encoded body, which nothing here decodes. The header `accept-encoding` of
 * the answer then names what is supported.
 */
export function checkContentEncoding({ method, headers }: IncomingMessage, response: ServerResponse): void {
  const codings = (headers["content-encoding"] ?? "").split(",").map((coding) => coding.trim().toLowerCase());
  if (method !== "POST" || codings.every((coding) => coding === "" || coding === "identity")) return;
  response.setHeader("accept-encoding", "identity");
  throw new ApiError(
    "UNSUPPORTED_MEDIA_TYPE",
    "The body must be sent as it is: the only content encoding that is supported is identity.",
  );
}
