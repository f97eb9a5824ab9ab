import { type FieldNode, type GraphQLObjectType, getNamedType, isUnionType } from "graphql";
import { ID, messagesPlace, type RawConversation, type RawTurn } from "../../store/raw/row-sql.ts";
import { isNull, type RawValues } from "../../store/raw/values.ts";
import { CONVERSATION_COLUMNS } from "../../store/read/conversations.ts";
import { TURN_COLUMNS } from "../../store/read/turns.ts";
import { type FieldSource, sourceOf } from "../schema/field-source.ts";
import { type ConversationColumns, type Place, requireColumn, type TurnColumns } from "./columns.ts";
import { exposedName } from "./exposed-field.ts";
import { compileMessages } from "./fragments.ts";
import { compileLastTurn, compilePreview } from "./one-value.ts";
import { writeQuoted } from "./raw-output.ts";
import { type Compilation, compileObject, type SelectedField } from "./selection.ts";
import { compileTurns } from "./turns.ts";
import { compileComputed, writeColumn } from "./values.ts";
import { NotCompiled, NULL, type Write } from "./writer.ts";

/** Writes what is selected of a conversation, and has it read. */
export function compileConversation(
  compilation: Compilation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  asked: ConversationColumns,
): Write<RawConversation> {
  const place = placing(CONVERSATION_COLUMNS, asked.columns);
  return compileObject<RawConversation>(compilation, type, nodes, (field) => {
    const what = sourceOf(field.definition.extensions);
    if (what?.from === "preview") return compilePreview(field, what, asked);
    if (what?.from === "lastTurn") return compileLastTurn(compilation, field, what, asked, compileTurn);
    if (what?.from === "turns") return compileTurns(compilation, field, what, asked, compileTurn);
    return compileOwn(compilation, field, what, place);
  });
}

/** Writes what is selected of a turn, and has it read. */
export function compileTurn(
  compilation: Compilation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  asked: TurnColumns,
): Write<RawTurn> {
  const { messages: _messages, ...columns } = TURN_COLUMNS;
  const place = placing(columns, asked.columns);
  return compileObject<RawTurn>(compilation, type, nodes, (field) => {
    const what = sourceOf(field.definition.extensions);
    if (what?.from === "conversation" && field.type !== undefined) {
      const write = compileConversation(compilation, field.type, field.nodes, asked.conversation);
      return ({ conversation }, out) => write(conversation, out);
    }
    if (what?.from === "reference") return compileReference(compilation, field, place(what.column));
    if (isUnionType(getNamedType(field.definition.type)) && exposedName(field.definition.extensions) === "messages") {
      asked.messages = true;
      return compileMessages(compilation, field, () => messagesPlace(asked));
    }
    return compileOwn(compilation, field, what, place);
  });
}

/** Has the column of this name read, and gives its place. Throws NotCompiled where there is none. */
function placing<Column extends string, Known extends Column>(known: Record<Known, unknown>, columns: Column[]) {
  const isKnown = (name: string): name is Known => name in known;
  return (name: string | null): Place => {
    if (name === null || !isKnown(name)) throw new NotCompiled();
    return requireColumn(columns, name);
  };
}

/** A field that is read from columns of its row. */
function compileOwn(
  compilation: Compilation,
  field: SelectedField,
  what: FieldSource | undefined,
  place: (name: string | null) => Place,
): Write<{ texts: RawValues }> {
  if (isId(field)) return ({ texts }, out) => writeQuoted(texts, ID, out);
  if (what === undefined) {
    return writeColumn(field.definition.type, place(exposedName(field.definition.extensions)));
  }
  if (what.from !== "columns") throw new NotCompiled();
  return compileComputed(
    compilation,
    field,
    what.columns.map((name) => ({ name, place: place(name) })),
  );
}

/** An object of which only the id is selected, which the row itself holds. */
function compileReference(
  compilation: Compilation,
  { type, nodes }: SelectedField,
  place: Place,
): Write<{ texts: RawValues }> {
  if (type === undefined) throw new NotCompiled();
  const write = compileObject<RawValues>(compilation, type, nodes, (field) => {
    if (!isId(field)) throw new NotCompiled();
    return (texts, out) => writeQuoted(texts, place(), out);
  });
  return ({ texts }, out) => (isNull(texts, place()) ? out.write(NULL) : write(texts, out));
}

/** Whether the field is the id of the row, which the Relay plugin declares. */
function isId({ definition }: SelectedField): boolean {
  return definition.name === "id";
}
