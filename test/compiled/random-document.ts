import type fc from "fast-check";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

import type { Draw } from "./draw.ts";

/** What arguments are filled with, beside what their types allow: values that lead somewhere. */
export interface Vocabulary {
  ids: fc.Arbitrary<string>;
  cursors: fc.Arbitrary<string>;
  instants: fc.Arbitrary<string>;
  words: fc.Arbitrary<string>;
  numbers: fc.Arbitrary<number>;
}

export interface RandomDocument {
  query: string;
  variables: Record<string, unknown>;
}

const MAX_DEPTH = 7;

// Fields without a compiled form: drawn now and then, as a document with one of them is resolved by both servers.
const RESOLVED = ["agents", "conversationCounts", "forkedFrom", "items", "searchTurns"];

/** A query of the schema with whatever a document may have: aliases, fragments, directives, variables, fields twice. */
export function drawDocument(schema: GraphQLSchema, vocabulary: Vocabulary, draw: Draw): RandomDocument {
  const variables: Record<string, unknown> = {};
  const declarations: string[] = [];
  const fragments: string[] = [];
  let aliases = 0;

  const declare = (type: string, value: unknown): string => {
    const name = `v${declarations.length}`;
    declarations.push(`$${name}: ${type}`);
    variables[name] = value;
    return `$${name}`;
  };

  const directive = (): string => {
    if (draw.chance(0.92)) return "";
    const condition = draw.chance(0.5) ? String(draw.chance(0.5)) : declare("Boolean!", draw.chance(0.5));
    return ` @${draw.of("skip", "include")}(if: ${condition})`;
  };

  const selection = (type: GraphQLNamedType, depth: number): string => {
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
    const parts = isAbstractType(type)
      ? [
          "__typename",
          ...draw.some(types, 1).map((possible) => `... on ${possible.name} ${selection(possible, depth)}`),
          ...(isObjectType(type)
            ? []
            : draw.some(
                ["id"].filter(() => type.name === "Node"),
                0,
              )),
        ]
      : fields(type, depth);
    return `{ ${parts.map((part) => wrap(part, type)).join(" ")} }`;
  };

  // Now and then a part stands in a fragment of its own, inline or named.
  const wrap = (part: string, type: GraphQLNamedType): string => {
    if (draw.chance(0.88)) return part;
    if (draw.chance(0.6)) return `... ${draw.chance(0.5) ? `on ${type.name}` : ""}${directive()} { ${part} }`;
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on ${type.name} { ${part} }`);
    return `...${name}${directive()}`;
  };

  const fields = (type: GraphQLNamedType, depth: number): string[] => {
    if (!isObjectType(type)) throw new Error(`${type.name} has no fields.`);
    const usable = Object.values(type.getFields()).filter(
      (field) =>
        (depth < MAX_DEPTH || !isCompositeType(getNamedType(field.type))) &&
        (!RESOLVED.includes(field.name) || draw.chance(0.05)),
    );
    // Of several root fields that read by ids none is compiled.
    const wanted = depth > 0 ? draw.some(usable, 1) : [...new Set(draw.times(1, 3, () => draw.of(...usable)))];
    const chosen = wanted.map((field) => fieldText(field, depth));
    const again = chosen.filter((text) => !text.includes("(") && draw.chance(0.05));
    return [...chosen, ...again, ...(draw.chance(0.2) || chosen.length === 0 ? ["__typename"] : [])];
  };

  const fieldText = (field: GraphQLField<unknown, unknown>, depth: number): string => {
    const args = field.args
      .filter((arg) => isNonNullType(arg.type) || draw.chance(0.3))
      .map((arg) => `${arg.name}: ${argument(arg)}`);
    const type = getNamedType(field.type);
    // With an alias of its own it cannot be at odds with the same field and other arguments.
    const alias = args.length > 0 || draw.chance(0.1) ? `a${aliases++}: ` : "";
    const head = `${alias}${field.name}${args.length > 0 ? `(${args.join(", ")})` : ""}${directive()}`;
    return isCompositeType(type) ? `${head} ${selection(type, depth + 1)}` : head;
  };

  const argument = ({ name, type }: GraphQLArgument): string => {
    const value = drawValue(type, name, vocabulary, draw);
    return draw.chance(0.4) ? declare(String(type), value) : literal(value, type);
  };

  const root = schema.getQueryType();
  if (!root) throw new Error("The schema has no queries.");
  const body = selection(root, 0);
  const head = declarations.length > 0 ? `query Random(${declarations.join(", ")})` : "query Random";
  return { query: [`${head} ${body}`, ...fragments].join("\n"), variables };
}

function drawValue(type: GraphQLInputType, name: string, vocabulary: Vocabulary, draw: Draw): unknown {
  if (isNonNullType(type)) return drawValue(type.ofType, name, vocabulary, draw);
  if (isListType(type)) return draw.times(0, 4, () => drawValue(type.ofType, name, vocabulary, draw));
  if (isEnumType(type)) return draw.of(...type.getValues().map((value) => value.name));
  if (isInputObjectType(type)) {
    const given = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || draw.chance(0.2));
    return Object.fromEntries(given.map((field) => [field.name, drawValue(field.type, field.name, vocabulary, draw)]));
  }
  if (type.name === "ID") return draw.from(vocabulary.ids);
  if (type.name === "Int") return draw.from(vocabulary.numbers);
  if (type.name === "DateTime") return draw.from(vocabulary.instants);
  return draw.from(name === "after" || name === "before" ? vocabulary.cursors : vocabulary.words);
}

/** The value as GraphQL writes it in a document. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (value === null) return "null";
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (Array.isArray(value) && isListType(type))
    return `[${value.map((item) => literal(item, type.ofType)).join(", ")}]`;
  if (isEnumType(type)) return String(value);
  if (isInputObjectType(type) && typeof value === "object") {
    const fields = Object.entries(value).map(([key, field]) => {
      const declared = type.getFields()[key];
      return declared === undefined ? "" : `${key}: ${literal(field, declared.type)}`;
    });
    return `{ ${fields.join(", ")} }`;
  }
  return JSON.stringify(value);
}
