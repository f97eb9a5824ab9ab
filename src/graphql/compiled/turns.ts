import { type FieldNode, type GraphQLObjectType, getArgumentValues } from "graphql";

import { countsAll } from "../../store/read-turns.ts";
import {
  CONVERSATION_TEXTS,
  type ConversationTexts,
  TURN_TEXTS,
  type TurnsRead,
  type TurnTexts,
} from "../../store/row-texts.ts";
import { readText } from "../../store/texts.ts";
import type { Reads } from "../reads.ts";
import { compileConnection } from "./connection.ts";
import type { Compilation, SelectedField } from "./selection.ts";
import { NotCompiled, type Write } from "./writer.ts";

/** The lists of turns that are read with each conversation of one root field; for a request, each becomes what to read. */
export type Lists = ((variables: Record<string, unknown>, maxPageSize: number) => TurnsRead)[];

// Each more is one more shape of statement that the database prepares and keeps.
const MAX_LISTS = 3;
const POSITION = TURN_TEXTS.indexOf("position");
const TURN_COUNT = CONVERSATION_TEXTS.indexOf("turnCount");

/** Writes a conversation's connection of turns, and adds it to the lists that are read. */
export function compileTurns(
  compilation: Compilation,
  { definition, nodes, type }: SelectedField,
  { select }: Extract<Reads, { from: "turns" }>,
  lists: Lists,
  compileTurn: (
    compilation: Compilation,
    type: GraphQLObjectType,
    nodes: readonly FieldNode[],
    tellMessages: () => void,
  ) => Write<TurnTexts>,
): Write<ConversationTexts> {
  const [node] = nodes;
  if (type === undefined || node === undefined || lists.length === MAX_LISTS) throw new NotCompiled();
  let messages = false;
  const { wants, write } = compileConnection<TurnTexts>(compilation, {
    type,
    nodes,
    keyOf: (_page, { texts }) => [Number(readText(texts, POSITION))],
    compileRow: (rowType, rowNodes) =>
      compileTurn(compilation, rowType, rowNodes, () => {
        messages = true;
      }),
  });
  const at = lists.length;
  lists.push((variables, maxPageSize) => {
    const { page, filter } = select(getArgumentValues(definition, node, variables), maxPageSize);
    return { page, filter, ...wants, messages, count: wants.count && !countsAll(filter) };
  });
  return (conversation, out, reads) => {
    const [read, found] = [reads[at], conversation.lists[at]];
    if (read === undefined || found === undefined) throw new Error("A list of turns was not read.");
    const count = countsAll(read.filter) ? Number(readText(conversation.texts, TURN_COUNT)) : found.count;
    write({ page: read.page, slice: found, count }, out, reads);
  };
}
