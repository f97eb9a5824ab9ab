import { hashInput, type Idempotency } from "../../store/write/idempotency.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { checkLength } from "./input-rules.ts";
import { createLoaders } from "./loaders.ts";

builder.mutationType({
  description:
    "What can be written. Each mutation happens as a whole or not at all, and is stored for good when it is answered.",
});

const MAX_KEY_CHARACTERS = 255;

/** The description of every `idempotencyKey`. */
export const IDEMPOTENCY_KEY =
  "Up to 255 characters of the caller's choice, one space of keys per project and user. The same key and input again answer what the first call made, and write nothing; another input with the key is CONFLICT. Kept as long as the conversation.";

/** The caller's key with what tells its input, defaults filled in, from another; null when no key is given. */
export function toIdempotency(operation: string, key: string | null | undefined, input: object): Idempotency | null {
  if (key === null || key === undefined) return null;
  checkLength("input.idempotencyKey", key, 1, MAX_KEY_CHARACTERS);
  return { key, inputHash: hashInput(operation, input) };
}

/** To be called after each write: what the request read before it is old, and those who watch want to know. */
export function afterWrite(context: Context, conversationId: string): void {
  context.loaders = createLoaders(context.database, context.scope);
  context.changes.announce(context.scope.projectId, conversationId);
}
