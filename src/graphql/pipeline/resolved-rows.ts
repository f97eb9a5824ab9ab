import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";

import { isJsonObject } from "../../model/json.ts";
import { FRAGMENT_TYPES } from "../schema/message-fragment.ts";
import type { FoundRows, Row, RowList } from "./rows.ts";

type Data = Record<string, unknown>;
/** The type of a field of a conversation or a turn. */
type TypeOf = (kind: "Conversation" | "Turn", field: string) => GraphQLOutputType;

function createTypes(schema: GraphQLSchema): TypeOf {
  return (kind, field) => {
    const type = schema.getType(kind);
    const found = isObjectType(type) ? type.getFields()[field] : undefined;
    if (found === undefined) throw new Error(`There is no field ${kind}.${field}.`);
    return found.type;
  };
}

/** What the root field of a stored document gave, as rows whose values are those that the store holds. */
export function toFoundRows<Field extends string, TurnField extends string>(
  schema: GraphQLSchema,
  found: unknown,
): FoundRows<Field, TurnField> {
  const typeOf = createTypes(schema);
  const { nodes = found, totalCount } = asData(found);
  const rows = Array.isArray(nodes) ? nodes : [nodes];
  return {
    // Of what has no conversation's id, no field is selected.
    rows: rows.map((row) => ("id" in asData(row) ? createRow("Conversation", asData(row), typeOf) : null)),
    hasMore: goesOn(asData(found)),
    count: Number(totalCount ?? 0),
  };
}

function createRow<Field extends string, TurnField extends string>(
  kind: "Conversation" | "Turn",
  data: Data,
  typeOf: TypeOf,
): Row<Field, TurnField> {
  const read = (field: Field) => toStored(data[field] ?? null, typeOf(kind, field));
  return {
    isNull: (field) => read(field) === null,
    text: (field) => String(read(field)),
    number: (field) => Number(read(field)),
    instant: (field) => Date.parse(String(read(field))),
    copy: (field, out) => out.writeString(JSON.stringify(read(field))),
    turns: () => toTurns(asData(data.turns), typeOf),
  };
}

function toTurns<Field extends string>(connection: Data, typeOf: TypeOf): RowList<Field> {
  const nodes = Array.isArray(connection.nodes) ? connection.nodes : [];
  return {
    rows: nodes.map((turn) => createRow<Field, never>("Turn", asData(turn), typeOf)),
    hasMore: goesOn(connection),
  };
}

/** A stored document selects the side that its page leads to. */
function goesOn({ pageInfo }: Data): boolean {
  const { hasNextPage, hasPreviousPage } = asData(pageInfo);
  return hasNextPage === true || hasPreviousPage === true;
}

function asData(value: unknown): Data {
  return isJsonObject(value) ? value : {};
}

const KINDS = Object.fromEntries(Object.entries(FRAGMENT_TYPES).map(([kind, type]) => [type, kind]));

/** What the store holds for a value of the graph. */
function toStored(value: unknown, type: GraphQLOutputType): unknown {
  if (value === null) return null;
  if (isNonNullType(type)) return toStored(value, type.ofType);
  if (isListType(type)) return Array.isArray(value) ? value.map((item) => toStored(item, type.ofType)) : value;
  if (isEnumType(type)) return type.getValue(String(value))?.value;
  if (isUnionType(type)) return toFragment(asData(value), type.getTypes());
  const { id, agentId = id } = asData(value);
  return isObjectType(type) ? agentId : value;
}

/** A fragment in its wire form: the kind leads, the others follow as they were selected; what is null is absent. */
function toFragment({ __typename: name, ...values }: Data, types: readonly GraphQLObjectType[]): Data {
  const fields = types.find((type) => type.name === name)?.getFields() ?? {};
  const stored = Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    const type = fields[key]?.type;
    return value === null || type === undefined ? [] : [[key, toStored(value, type)]];
  });
  return { kind: KINDS[String(name)], ...Object.fromEntries(stored) };
}
