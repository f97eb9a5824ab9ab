import { ApiError } from "../../../model/errors.ts";
import { DuplicateItem, UnknownItem } from "../../../store/write/item-errors.ts";
import { conversationNotFound, FoundryError } from "../errors.ts";
import { duplicateItem } from "./faults.ts";
import type { Call } from "./place.ts";

/** What the store's function resolves to; what it throws, in the words of the documented service. */
export async function wordingErrors<Result>({ conversationId }: Call, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof DuplicateItem) throw duplicateItem(error.id);
    if (error instanceof UnknownItem) throw itemNotFound(null, error.id);
    if (error instanceof ApiError && error.code === "NOT_FOUND") throw conversationNotFound(null, conversationId);
    if (error instanceof ApiError && error.code === "CONFLICT") throw new FoundryError(409, null, null, error.message);
    throw error;
  }
}

/** The error for an id that names no item of the conversation; `param` names the parameter that has it, null the path. */
export function itemNotFound(param: string | null, id: string): FoundryError {
  return new FoundryError(404, null, param, `Item with id '${id}' not found in conversation.`);
}
