import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isObjectType,
  isUnionType,
} from "graphql";

import type { JsonOutput } from "../../model/json-output.ts";
import type { RawNode } from "../../store/raw/read-rows.ts";
import { ID, messagesPlace, placeOf, type RawConversation, type RawTurnList } from "../../store/raw/row-sql.ts";
import { isNull, type RawValues, readInstant, readText } from "../../store/raw/values.ts";
import { type Row, type RowList, type RunStored, STORED_PAGE_SIZE } from "../pipeline/rows.ts";
import { sourceOf } from "../schema/field-source.ts";
import { exposedName } from "./exposed-field.ts";
import { writeInstant, writeQuoted, writeText } from "./raw-output.ts";
import type { RunCompiled } from "./run-compiled.ts";

/** Runs stored documents in their compiled form, and gives their rows as they came from the database. */
export function createRunStored(schema: GraphQLSchema, run: RunCompiled): RunStored {
  const bind = createBindings(schema);
  return async ({ document, operation, fields, turnFields }, variables, access, request) => {
    const running = run({ document, operation, variables, access, maxPageSize: STORED_PAGE_SIZE }, request);
    const [found] = (await running)?.found.values() ?? [];
    if (found === undefined) throw new Error("A stored document must have a compiled form.");
    request.log.document("compiled");
    const toRow = (node: RawNode | null) => (node?.kind === "conversation" ? bind(node, fields, turnFields) : null);
    return { rows: found.rows.map(toRow), hasMore: found.hasMore, count: found.count };
  };
}

/** Where a field stands in rows that have the same columns, and in which form. */
interface Place {
  at: number;
  /** Whether it is JSON text; else it stands there as PostgreSQL spells it, without control characters. */
  isJson: boolean;
  /** Where an agent's version stands, whose name is at `at`; 0 for any other field. */
  versionAt: number;
  write(values: RawValues, at: number, out: JsonOutput): void;
}
type Places = ReadonlyMap<string, Place>;

type Bind = <Field extends string, TurnField extends string>(
  conversation: RawConversation,
  fields: readonly Field[],
  turnFields: readonly TurnField[],
) => Row<Field, TurnField>;

function createBindings(schema: GraphQLSchema): Bind {
  const types = { Conversation: schema.getType("Conversation"), Turn: schema.getType("Turn") };
  // The columns belong to the compiled form of a document, which is the same for all its requests.
  const known = new WeakMap<readonly string[], Places>();
  const placesIn = (
    kind: "Conversation" | "Turn",
    columns: readonly string[],
    fields: readonly string[],
    messages: number,
  ): Places => {
    let places = known.get(columns);
    if (places === undefined) {
      const type = types[kind];
      if (!isObjectType(type)) throw new Error(`There is no type ${kind}.`);
      places = new Map(fields.map((field) => [field, placeIn(type, columns, field, messages)]));
      known.set(columns, places);
    }
    return places;
  };
  const bindTurns = <TurnField extends string>(
    list: RawTurnList | undefined,
    turnFields: readonly TurnField[],
  ): RowList<TurnField> => {
    if (list === undefined) throw new Error("A list of turns was not read.");
    const places = placesIn("Turn", list.read.columns, turnFields, messagesPlace(list.read));
    return {
      rows: list.rows.map(({ texts }) => new RawRow<TurnField, never>(texts, places, null)),
      hasMore: list.hasMore,
    };
  };
  return ({ columns, texts, lists }, fields, turnFields) =>
    new RawRow(texts, placesIn("Conversation", columns, fields, 0), () => bindTurns(lists[0], turnFields));
}

/** Throws for a field that the compiled form does not read. */
function placeIn(type: GraphQLObjectType, columns: readonly string[], field: string, messages: number): Place {
  if (field === "id") return { at: ID, isJson: false, versionAt: 0, write: writeQuoted };
  const definition = type.getFields()[field];
  const source = definition && sourceOf(definition.extensions);
  const named = definition && getNamedType(definition.type);
  if (isUnionType(named)) return { at: messages, isJson: true, versionAt: 0, write: writeText };
  if (field === "agent") return agentIn(columns);
  const column = source?.from === "reference" ? source.column : exposedName(definition?.extensions ?? {});
  const at = column === null ? 0 : placeOf(columns, column);
  if (at === 0) throw new Error(`The compiled form does not read ${type.name}.${field}.`);
  if (named?.name === "DateTime") return { at, isJson: false, versionAt: 0, write: writeInstant };
  const isWord = source?.from === "reference" || isEnumType(named);
  return { at, isJson: !isWord, versionAt: 0, write: isWord ? writeQuoted : writeText };
}

function agentIn(columns: readonly string[]): Place {
  const [at, versionAt] = [placeOf(columns, "agentName"), placeOf(columns, "agentVersion")];
  const write: Place["write"] = (values, _at, out) => out.writeString(JSON.stringify(agentIdAt(values, at, versionAt)));
  return { at, isJson: true, versionAt, write };
}

function agentIdAt(values: RawValues, at: number, versionAt: number): string {
  const parts = isNull(values, versionAt) ? [at] : [at, versionAt];
  return parts.map((place) => String(JSON.parse(readText(values, place)))).join(":");
}

class RawRow<Field extends string, TurnField extends string> implements Row<Field, TurnField> {
  private readonly values: RawValues;
  private readonly places: Places;
  private readonly readTurns: (() => RowList<TurnField>) | null;

  constructor(values: RawValues, places: Places, readTurns: (() => RowList<TurnField>) | null) {
    this.values = values;
    this.places = places;
    this.readTurns = readTurns;
  }

  isNull(field: Field): boolean {
    return isNull(this.values, this.place(field).at);
  }

  text(field: Field): string {
    const { at, isJson, versionAt } = this.place(field);
    if (versionAt > 0) return agentIdAt(this.values, at, versionAt);
    const text = readText(this.values, at);
    return isJson ? String(JSON.parse(text)) : text;
  }

  number(field: Field): number {
    return Number(readText(this.values, this.place(field).at));
  }

  instant(field: Field): number {
    return readInstant(this.values, this.place(field).at);
  }

  copy(field: Field, out: JsonOutput): void {
    const { at, write } = this.place(field);
    write(this.values, at, out);
  }

  turns(): RowList<TurnField> {
    if (this.readTurns === null) throw new Error("A turn has no list of turns.");
    return this.readTurns();
  }

  private place(field: Field): Place {
    const place = this.places.get(field);
    if (place === undefined) throw new Error(`The row has no ${field}.`);
    return place;
  }
}
