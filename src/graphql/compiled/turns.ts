import type { FieldNode, GraphQLObjectType } from "graphql";
import type { RawConversation, RawTurn } from "../../store/raw/row-sql.ts";
import { readText } from "../../store/raw/values.ts";
import { countsAll } from "../../store/read/turns.ts";
import type { FieldSource } from "../schema/field-source.ts";
import { compileArguments } from "./arguments.ts";
import { type ConversationColumns, requireColumn, type TurnColumns } from "./columns.ts";
import { compileConnection, sidesRead } from "./connection.ts";
import type { Compilation, SelectedField } from "./selection.ts";
import { NotCompiled, type Write } from "./writer.ts";

// Each further list is one more shape of statement that the database prepares and keeps.
export const MAX_LISTS = 3;

/** Writes a conversation's connection of turns, and has it read. */
export function compileTurns(
  compilation: Compilation,
  { definition, nodes, type }: SelectedField,
  { select }: Extract<FieldSource, { from: "turns" }>,
  { columns: ofConversation, previews, lists }: ConversationColumns,
  compileTurn: (
    compilation: Compilation,
    type: GraphQLObjectType,
    nodes: readonly FieldNode[],
    asked: TurnColumns,
  ) => Write<RawTurn>,
): Write<RawConversation> {
  const [node] = nodes;
  if (type === undefined || node === undefined || lists === null || lists.length === MAX_LISTS) throw new NotCompiled();
  const asked: TurnColumns = {
    columns: [],
    messages: false,
    conversation: { columns: ofConversation, previews, lists: null },
  };
  const { wants, write } = compileConnection<RawTurn>(compilation, {
    type,
    nodes,
    requireKey: () => {
      const position = requireColumn(asked.columns, "position");
      return ({ texts }) => [Number(readText(texts, position()))];
    },
    compileRow: (rowType, rowNodes) => compileTurn(compilation, rowType, rowNodes, asked),
  });
  const turnCount = wants.count ? requireColumn(ofConversation, "turnCount") : null;
  const at = lists.length;
  const selects = compileArguments(definition, node, select);
  lists.push((variables, maxPageSize) => {
    const { page, filter } = selects(variables, maxPageSize);
    const { columns, messages } = asked;
    const count = wants.count && !countsAll(filter);
    return { page, filter, rows: wants.rows, ...sidesRead(wants, page), columns, messages, count };
  });
  return ({ texts, lists: found }, out) => {
    const slice = found[at];
    if (slice === undefined) throw new Error("A list of turns was not read.");
    const { page, filter } = slice.read;
    const count = turnCount !== null && countsAll(filter) ? Number(readText(texts, turnCount())) : slice.count;
    write({ page, slice, count }, out);
  };
}
