import type { FieldNode, GraphQLObjectType } from "graphql";
import type { ConversationTexts, TurnTexts } from "../../store/raw/row-sql.ts";
import { readText } from "../../store/raw/values.ts";
import { countsAll } from "../../store/read/turns.ts";
import type { Reads } from "../schema/field-source.ts";
import { compileArguments } from "./arguments.ts";
import { ask, type ConversationAsk, type TurnAsk } from "./columns.ts";
import { compileConnection, sidesOf } from "./connection.ts";
import type { Compilation, SelectedField } from "./selection.ts";
import { NotCompiled, type Write } from "./writer.ts";

// Each more is one more shape of statement that the database prepares and keeps.
const MAX_LISTS = 3;

/** Writes a conversation's connection of turns, and asks for it. */
export function compileTurns(
  compilation: Compilation,
  { definition, nodes, type }: SelectedField,
  { select }: Extract<Reads, { from: "turns" }>,
  { columns: ofConversation, lists }: ConversationAsk,
  compileTurn: (
    compilation: Compilation,
    type: GraphQLObjectType,
    nodes: readonly FieldNode[],
    asked: TurnAsk,
  ) => Write<TurnTexts>,
): Write<ConversationTexts> {
  const [node] = nodes;
  if (type === undefined || node === undefined || lists === null || lists.length === MAX_LISTS) throw new NotCompiled();
  const asked: TurnAsk = {
    columns: [],
    messages: false,
    conversation: { columns: ofConversation, lists: null },
  };
  const { wants, write } = compileConnection<TurnTexts>(compilation, {
    type,
    nodes,
    askKey: () => {
      const position = ask(asked.columns, "position");
      return ({ texts }) => [Number(readText(texts, position))];
    },
    compileRow: (rowType, rowNodes) => compileTurn(compilation, rowType, rowNodes, asked),
  });
  const turnCount = wants.count ? ask(ofConversation, "turnCount") : 0;
  const at = lists.length;
  const selects = compileArguments(definition, node, select);
  lists.push((variables, maxPageSize) => {
    const { page, filter } = selects(variables, maxPageSize);
    const { columns, messages } = asked;
    const count = wants.count && !countsAll(filter);
    return { page, filter, rows: wants.rows, ...sidesOf(wants, page), columns, messages, count };
  });
  return ({ texts, lists: found }, out) => {
    const slice = found[at];
    if (slice === undefined) throw new Error("A list of turns was not read.");
    const { page, filter } = slice.read;
    write({ page, slice, count: countsAll(filter) ? Number(readText(texts, turnCount)) : slice.count }, out);
  };
}
