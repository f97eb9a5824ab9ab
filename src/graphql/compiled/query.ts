import {
  type FieldNode,
  type GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
} from "graphql";

import type { JsonOutput } from "../../model/json-output.ts";
import { EMPTY_SLICE } from "../../relay/connection.ts";
import type { ByteReader } from "../../store/database/executor.ts";
import { type RawNode, readRawConversations, readRawNodes } from "../../store/raw/read-rows.ts";
import { type ConversationRead, ID, type RawConversation } from "../../store/raw/row-sql.ts";
import { readInstant, readText } from "../../store/raw/values.ts";
import { countConversations } from "../../store/read/conversations.ts";
import type { Context } from "../schema/context.ts";
import { type FieldSource, sourceOf } from "../schema/field-source.ts";
import { compileArguments } from "./arguments.ts";
import { boundedReader } from "./bounded-reader.ts";
import { type ConversationColumns, requireColumn, type TurnColumns, type TurnListPlans } from "./columns.ts";
import { compileConnection, sidesRead } from "./connection.ts";
import { compileConversation, compileTurn } from "./rows.ts";
import { type Compilation, compileRoot, type SelectedField } from "./selection.ts";
import { NotCompiled, NULL, type Write, writeArray } from "./writer.ts";

type Variables = Record<string, unknown>;

/**
 * A compiled query. For a request it first parses the arguments, and throws what the resolvers would throw; the function that
 * it gives reads.
 */
export type Query = (variables: Variables, context: ReadContext) => () => Promise<Answer>;

/** The part of a request's context that reading depends on. */
type ReadContext = Pick<Context, "database" | "scope" | "maxPageSize" | "maxPageBytes" | "maxAnswerBytes">;

/** What the root fields found, and how it is written as the data of the answer. */
export interface Answer {
  found: ReadonlyMap<string, RootResult>;
  write(out: JsonOutput): void;
}

/** The rows that a root field found; null in the place of an id that names nothing. */
interface RootResult {
  rows: readonly (RawNode | null)[];
  /** Whether the list goes on in the direction of travel. */
  hasMore: boolean;
  /** How many rows the whole list has; 0 where no count is selected. */
  count: number;
  write(out: JsonOutput): void;
}

interface FieldContext extends Pick<Context, "database" | "scope" | "maxPageSize" | "maxPageBytes"> {
  /** Reads rows within what the answer may have. */
  reader: ByteReader;
}

type RootField = (variables: Variables, context: FieldContext) => () => Promise<RootResult>;

/** Compiles the operation. Throws NotCompiled for one that only the resolvers can answer. */
export function compileQuery(compilation: Compilation, operation: OperationDefinitionNode): Query {
  const type = compilation.schema.getQueryType();
  if (!type) throw new NotCompiled();
  const roots = new Map<string, RootField>();
  let byIds = 0;
  const write = compileRoot<ReadonlyMap<string, RootResult>>(compilation, type, operation, (field, key) => {
    // The resolvers' loader reads the objects of all such fields with one statement.
    if (sourceOf(field.definition.extensions)?.from === "ids") byIds += 1;
    if (byIds > 1) throw new NotCompiled();
    roots.set(key, compileRootField(compilation, field));
    return (found, out) => found.get(key)?.write(out);
  });
  return (variables, context) => {
    const reader = boundedReader(context.database, context);
    const reads = [...roots].map(([key, root]) => ({ key, read: root(variables, { ...context, reader }) }));
    return async () => {
      const found = new Map(await Promise.all(reads.map(async ({ key, read }) => [key, await read()] as const)));
      return { found, write: (out) => write(found, out) };
    };
  };
}

function compileRootField(compilation: Compilation, field: SelectedField): RootField {
  const what = sourceOf(field.definition.extensions);
  const [node] = field.nodes;
  if (node === undefined) throw new NotCompiled();
  if (what?.from === "conversations") return compileConversations(compilation, field, node, what);
  if (what?.from === "ids") return compileNodes(compilation, field, node, what);
  throw new NotCompiled();
}

function compileConversations(
  compilation: Compilation,
  { definition, nodes, type }: SelectedField,
  node: FieldNode,
  { select }: Extract<FieldSource, { from: "conversations" }>,
): RootField {
  if (type === undefined) throw new NotCompiled();
  const lists: TurnListPlans = [];
  const asked: ConversationColumns = { columns: [], previews: [], lists };
  const { wants, write } = compileConnection<RawConversation>(compilation, {
    type,
    nodes,
    requireKey: () => {
      const instant = requireColumn(asked.columns, "key");
      return ({ texts }) => [readInstant(texts, instant()), readText(texts, ID)];
    },
    compileRow: (rowType, rowNodes) => compileConversation(compilation, rowType, rowNodes, asked),
  });
  const statements = compilation.statements();
  const selects = compileArguments(definition, node, select);
  return (variables, { database, reader, scope, maxPageSize, maxPageBytes }) => {
    const { page, filter } = selects(variables, maxPageSize);
    const { hasBehind } = sidesRead(wants, page);
    const read = { ...conversationRead(asked, variables, maxPageSize), hasBehind };
    return async () => {
      const [slice, count] = await Promise.all([
        wants.rows ? readRawConversations(reader, statements, scope, filter, page, read, maxPageBytes) : EMPTY_SLICE,
        wants.count ? countConversations(database, scope, filter) : 0,
      ]);
      return { rows: slice.rows, hasMore: slice.hasMore, count, write: (out) => write({ page, slice, count }, out) };
    };
  };
}

function compileNodes(
  compilation: Compilation,
  { definition, nodes }: SelectedField,
  node: FieldNode,
  { ids }: Extract<FieldSource, { from: "ids" }>,
): RootField {
  const lists: TurnListPlans = [];
  const conversation: ConversationColumns = { columns: [], previews: [], lists };
  const turn: TurnColumns = { columns: [], messages: false, conversation: { ...conversation, lists: null } };
  const write = compileNode(compilation, definition.type, nodes, conversation, turn);
  const statements = compilation.statements();
  const selects = compileArguments(definition, node, ids);
  const writeAll = writeArray(write);
  const isList = isListType(isNonNullType(definition.type) ? definition.type.ofType : definition.type);
  return (variables, { reader, scope, maxPageSize, maxPageBytes }) => {
    const wanted = selects(variables, maxPageSize);
    const read = { conversation: conversationRead(conversation, variables, maxPageSize), turn };
    return async () => {
      const found = await readRawNodes(reader, statements, scope, wanted, read, maxPageBytes);
      const rows = wanted.map((id) => found.get(id) ?? null);
      const writeFound = (out: JsonOutput) => (isList ? writeAll(rows, out) : write(rows[0] ?? null, out));
      return { rows, hasMore: false, count: 0, write: writeFound };
    };
  };
}

/** What a request reads of conversations. Throws for arguments that break a rule. */
function conversationRead(
  { columns, previews, lists }: ConversationColumns,
  variables: Variables,
  maxPageSize: number,
): ConversationRead {
  return {
    columns,
    previews: previews.map((length) => length(variables, maxPageSize)),
    lists: (lists ?? []).map((list) => list(variables, maxPageSize)),
  };
}

/** Writes a node of either kind; null for one that was not found, or whose type the field cannot have. */
function compileNode(
  compilation: Compilation,
  type: SelectedField["definition"]["type"],
  nodes: readonly FieldNode[],
  ofConversation: ConversationColumns,
  ofTurn: TurnColumns,
): Write<RawNode | null> {
  const named = getNamedType(type);
  const possible = isInterfaceType(named) ? compilation.schema.getPossibleTypes(named) : [named];
  const typeNamed = (name: string): GraphQLObjectType | undefined =>
    possible.filter(isObjectType).find((object) => object.name === name);
  const [conversationType, turnType] = [typeNamed("Conversation"), typeNamed("Turn")];
  const conversation = conversationType && compileConversation(compilation, conversationType, nodes, ofConversation);
  const turn = turnType && compileTurn(compilation, turnType, nodes, ofTurn);
  return (row, out) => {
    if (row?.kind === "turn" && turn !== undefined) turn(row, out);
    else if (row?.kind === "conversation" && conversation !== undefined) conversation(row, out);
    else out.write(NULL);
  };
}
