import type { NodeKind } from "../../model/ids.ts";
import type { ConversationRow } from "../../store/read/conversations.ts";
import type { TurnRow } from "../../store/read/turns.ts";
import { builder } from "./builder.ts";

// Apart from their fields, because the two types refer to each other.
export const ConversationRef = builder.objectRef<ConversationRow>("Conversation");
export const TurnRef = builder.objectRef<TurnRow>("Turn");

/** Whether the value behind a node is a row of this kind. */
export function isKind(value: unknown, kind: NodeKind): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
