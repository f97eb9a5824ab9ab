import { type FieldNode, type GraphQLObjectType, getNamedType, isUnionType } from "graphql";

import { CONVERSATION_TEXTS, type ConversationTexts, ID, TURN_TEXTS, type TurnTexts } from "../../store/row-texts.ts";
import { isNull, readText, type Texts } from "../../store/texts.ts";
import { type Reads, readsOf } from "../reads.ts";
import { compileMessages, exposedName } from "./fragments.ts";
import { type Compilation, compileObject, type SelectedField } from "./selection.ts";
import { compileTurns, type Lists } from "./turns.ts";
import { compileComputed, writeColumn } from "./values.ts";
import { NotCompiled, NULL, type Write } from "./writer.ts";

/** Writes what is selected of a conversation. Lists of turns are added to `lists`; null where a statement reads none. */
export function compileConversation(
  compilation: Compilation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  lists: Lists | null,
): Write<ConversationTexts> {
  return compileObject<ConversationTexts>(compilation, type, nodes, (field) => {
    const what = readsOf(field.definition.extensions);
    if (what?.from === "turns" && lists !== null) return compileTurns(compilation, field, what, lists, compileTurn);
    return compileOwn(compilation, field, what, CONVERSATION_TEXTS);
  });
}

/** Writes what is selected of a turn; `tellMessages` is called when its messages are. */
export function compileTurn(
  compilation: Compilation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  tellMessages: () => void,
): Write<TurnTexts> {
  return compileObject<TurnTexts>(compilation, type, nodes, (field) => {
    const what = readsOf(field.definition.extensions);
    if (what?.from === "conversation" && field.type !== undefined) {
      const write = compileConversation(compilation, field.type, field.nodes, null);
      return ({ conversation }, out, lists) => write(conversation, out, lists);
    }
    if (what?.from === "reference") return compileReference(compilation, field, TURN_TEXTS.indexOf(what.column));
    if (isUnionType(getNamedType(field.definition.type))) {
      tellMessages();
      return compileMessages(compilation, field, columnOf(field, TURN_TEXTS));
    }
    return compileOwn(compilation, field, what, TURN_TEXTS);
  });
}

/** A field that is read from columns of its row. */
function compileOwn(
  compilation: Compilation,
  field: SelectedField,
  what: Reads | undefined,
  columns: readonly string[],
): Write<{ texts: Texts }> {
  if (isId(field)) return ({ texts }, out) => out.writeString(JSON.stringify(readText(texts, ID)));
  if (what === undefined) return writeColumn(field.definition.type, columnOf(field, columns));
  if (what.from !== "columns") throw new NotCompiled();
  const places = what.columns.map((name) => ({ name, at: columns.indexOf(name) }));
  return compileComputed(compilation, field, places);
}

/** An object of which only the id is selected, which the row itself holds. */
function compileReference(
  compilation: Compilation,
  { type, nodes }: SelectedField,
  at: number,
): Write<{ texts: Texts }> {
  if (type === undefined) throw new NotCompiled();
  const write = compileObject<Texts>(compilation, type, nodes, (field) => {
    if (!isId(field)) throw new NotCompiled();
    return (texts, out) => out.writeText(texts, at);
  });
  return ({ texts }, out, lists) => (isNull(texts, at) ? out.write(NULL) : write(texts, out, lists));
}

/** Whether the field is the id of the row, which the Relay plugin declares. */
function isId({ definition }: SelectedField): boolean {
  return definition.name === "id";
}

function columnOf({ definition }: SelectedField, columns: readonly string[]): number {
  const name = exposedName(definition.extensions);
  return name === null ? -1 : columns.indexOf(name);
}
