import { randomUUID } from "node:crypto";

/** A new id for a request, which its answer and the log carry. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll("-", "")}`;
}
