import {
  defaultFieldResolver,
  type GraphQLEnumType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

import { startsWith } from "../../store/raw/bytes.ts";
import { isNull, type RawValues, readText } from "../../store/raw/values.ts";
import type { Place } from "./columns.ts";
import { writeInstant, writeText } from "./raw-output.ts";
import { type Compilation, compileObject, type SelectedField } from "./selection.ts";
import { NotCompiled, NULL, type Write, writeArray } from "./writer.ts";

/**
 * Writes a column that a field exposes. Instants, numbers and the words of an enum come as PostgreSQL spells them; all
 * else comes as the JSON text that it stays.
 */
export function writeColumn(type: GraphQLOutputType, place: Place): Write<{ texts: RawValues }> {
  const named = getNamedType(type);
  if (!isLeafType(named)) throw new NotCompiled();
  if (named.name === "DateTime") return ({ texts }, out) => writeInstant(texts, place(), out);
  return isEnumType(named) ? writeEnum(named, place, String) : writeJson(place);
}

/** The same of a fragment's value, which is JSON text in any case. */
export function writeFragmentValue(type: GraphQLOutputType, at: number): Write<{ texts: RawValues }> {
  const named = getNamedType(type);
  if (at < 0 || !isLeafType(named)) throw new NotCompiled();
  const place = () => at;
  return isEnumType(named) ? writeEnum(named, place, JSON.stringify) : writeJson(place);
}

function writeJson(place: Place): Write<{ texts: RawValues }> {
  return ({ texts }, out) => {
    const at = place();
    if (isNull(texts, at)) out.write(NULL);
    else writeText(texts, at, out);
  };
}

function writeEnum(
  type: GraphQLEnumType,
  place: Place,
  spell: (value: unknown) => string,
): Write<{ texts: RawValues }> {
  const names = type
    .getValues()
    .map(({ name, value }) => ({ word: Buffer.from(spell(value)), name: Buffer.from(`"${name}"`) }));
  return ({ texts: { bytes, bounds } }, out) => {
    const at = 2 * place();
    const start = bounds[at] ?? 0;
    const end = bounds[at + 1] ?? 0;
    for (const { word, name } of names) {
      if (word.length === end - start && startsWith(bytes, start, word)) return out.write(name);
    }
    return out.write(NULL);
  };
}

/** Writes what the field's own resolver makes of columns of the row, which the resolver gets as properties. */
export function compileComputed(
  compilation: Compilation,
  field: SelectedField,
  columns: readonly { name: string; place: Place }[],
): Write<{ texts: RawValues }> {
  const write = compileValue(compilation, field.definition.type, field);
  const resolve = pureResolver(field);
  const readValue = (texts: RawValues, at: number): unknown =>
    isNull(texts, at) ? null : JSON.parse(readText(texts, at));
  return ({ texts }, out) => {
    const row = Object.fromEntries(columns.map(({ name, place }) => [name, readValue(texts, place())]));
    write(resolve(row), out);
  };
}

function compileValue(compilation: Compilation, type: GraphQLOutputType, field: SelectedField): Write<unknown> {
  if (isNonNullType(type)) return compileValue(compilation, type.ofType, field);
  const write = compileGiven(compilation, type, field);
  return (value, out) => (value === null || value === undefined ? out.write(NULL) : write(value, out));
}

function compileGiven(compilation: Compilation, type: GraphQLOutputType, field: SelectedField): Write<unknown> {
  if (isLeafType(type)) return writeLeaf(type);
  if (isListType(type)) {
    const write = writeArray(compileValue(compilation, type.ofType, field));
    return (value, out) => write(Array.isArray(value) ? value : [value], out);
  }
  if (!isObjectType(type)) throw new NotCompiled();
  return compileObject(compilation, type, field.nodes, (selected) => {
    const write = compileValue(compilation, selected.definition.type, selected);
    const resolve = pureResolver(selected);
    return (source, out) => write(resolve(source), out);
  });
}

function writeLeaf(type: GraphQLLeafType): Write<unknown> {
  return (value, out) => out.writeString(JSON.stringify(type.serialize(value)));
}

/** The field's resolver, for values that depend on their source alone. */
function pureResolver({ definition }: SelectedField): (source: unknown) => unknown {
  if (definition.args.length > 0) throw new NotCompiled();
  const resolve = definition.resolve ?? defaultFieldResolver;
  // Safe cast: such a resolver looks at its source, and graphql-js's default one at the field's name.
  const info = { fieldName: definition.name } as GraphQLResolveInfo;
  return (source) => resolve(source, {}, {}, info);
}
