import { badInput } from "../../../model/errors.ts";
import { isStorableText } from "../../../model/json.ts";
import { hashInput, type Idempotency, MAX_KEY_CHARACTERS } from "../../../store/write/idempotency.ts";
import type { RestRequest } from "../../rest-request.ts";

const HEADER = "idempotency-key";

/**
 * The key in the request's header `Idempotency-Key` with a digest of what is written; null without one. The keys are those of
 * GraphQL's mutations. BAD_USER_INPUT for a header that is repeated, and for a key that breaks its rules.
 */
export function toIdempotency(operation: string, { idempotencyKeys }: RestRequest, input: object): Idempotency | null {
  const [key, ...others] = idempotencyKeys;
  if (key === undefined) return null;
  if (others.length > 0) throw badInput(HEADER, `The header ${HEADER} may be given only once.`);
  if (key === "" || [...key].length > MAX_KEY_CHARACTERS || !isStorableText(key)) {
    throw badInput(HEADER, `The header ${HEADER} must have 1 to ${MAX_KEY_CHARACTERS} characters.`);
  }
  return { key, inputHash: hashInput(operation, input) };
}
