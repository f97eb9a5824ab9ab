import { hashInput, type Idempotency, MAX_KEY_CHARACTERS } from "../../store/write/idempotency.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { checkLength } from "./input-rules.ts";
import { createLoaders } from "./loaders.ts";

builder.mutationType({
  description:
    "Writes to the caller's project. Each happens as a whole or not at all, and is durable once it is answered.",
});

/** The description of every `idempotencyKey`. */
export const IDEMPOTENCY_KEY =
  "1 to 255 characters that name this write; none when left out. Keys belong to one project and user. The same key with the same input answers the first call's result and writes nothing; with another input it is CONFLICT. A key lasts as long as its conversation.";

/** The caller's key with a digest of the input, defaults filled in; null when no key is given. */
export function toIdempotency(operation: string, key: string | null | undefined, input: object): Idempotency | null {
  if (key === null || key === undefined) return null;
  checkLength("input.idempotencyKey", key, 1, MAX_KEY_CHARACTERS);
  return { key, inputHash: hashInput(operation, input) };
}

/** To be called after each write: discards what the request has read, and notifies subscribers. */
export function afterWrite(context: Context, conversationId: string): void {
  context.loaders = createLoaders(context);
  context.changes.announce(context.scope.projectId, conversationId);
}
