import { ApiError } from "../../model/errors.ts";
import type { ConversationRow } from "../../store/read/conversations.ts";
import type { Context } from "./context.ts";

/** The conversation of a turn or write of this request. NOT_FOUND when it was deleted since. */
export async function loadConversation(context: Context, id: string): Promise<ConversationRow> {
  const node = await context.loaders.node.load(id);
  if (node?.kind === "conversation") return node;
  throw new ApiError("NOT_FOUND", "The conversation was deleted meanwhile.");
}
