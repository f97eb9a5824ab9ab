import type { FieldNode, GraphQLObjectType } from "graphql";

import type { RawConversation, RawTurn } from "../../store/raw/row-sql.ts";
import { isNull, readText } from "../../store/raw/values.ts";
import { cutPreview } from "../../store/read/previews.ts";
import type { FieldSource } from "../schema/field-source.ts";
import { lastOf } from "../schema/last-turn.ts";
import { compileArguments } from "./arguments.ts";
import { type ConversationColumns, requireColumn, type TurnColumns } from "./columns.ts";
import type { Compilation, SelectedField } from "./selection.ts";
import { MAX_LISTS } from "./turns.ts";
import { NotCompiled, NULL, type Write } from "./writer.ts";

// What a conversation shows of its turns beside their list.

/** Writes the beginning of a conversation's newest text, and has it read. */
export function compilePreview(
  { definition, nodes }: SelectedField,
  { length }: Extract<FieldSource, { from: "preview" }>,
  { columns, previews }: ConversationColumns,
): Write<RawConversation> {
  const [node] = nodes;
  if (node === undefined) throw new NotCompiled();
  const place = requireColumn(columns, "preview");
  const at = previews.push(compileArguments(definition, node, length)) - 1;
  return ({ texts, previews: lengths }, out) => {
    if (isNull(texts, place())) return out.write(NULL);
    // Safe cast: the column is text, and comes as a JSON string.
    const longest = JSON.parse(readText(texts, place())) as string;
    return out.writeString(JSON.stringify(cutPreview(longest, lengths[at] ?? 0)));
  };
}

/** Writes a conversation's last turn, which is read as a list of one. */
export function compileLastTurn(
  compilation: Compilation,
  { nodes, type }: SelectedField,
  { page, filter }: Extract<FieldSource, { from: "lastTurn" }>,
  { columns: ofConversation, previews, lists }: ConversationColumns,
  compileTurn: (
    compilation: Compilation,
    type: GraphQLObjectType,
    nodes: readonly FieldNode[],
    asked: TurnColumns,
  ) => Write<RawTurn>,
): Write<RawConversation> {
  if (type === undefined || lists === null || lists.length === MAX_LISTS) throw new NotCompiled();
  const conversation = { columns: ofConversation, previews, lists: null };
  const asked: TurnColumns = { columns: [], messages: false, conversation };
  const write = compileTurn(compilation, type, nodes, asked);
  const at = lists.length;
  const sides = { rows: true, hasMore: false, hasBehind: false, count: false };
  lists.push(() => ({ page, filter, ...sides, columns: asked.columns, messages: asked.messages }));
  return ({ lists: found }, out) => {
    const slice = found[at];
    if (slice === undefined) throw new Error("A list of turns was not read.");
    const turn = lastOf(slice);
    if (turn === null) out.write(NULL);
    else write(turn, out);
  };
}
