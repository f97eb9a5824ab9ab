import { GraphQLError, Kind, type ValueNode } from "graphql";

import { formatInstant, parseInstant } from "../../model/instant.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../model/json.ts";
import { orderedObject } from "../../model/ordered-object.ts";
import { builder } from "./builder.ts";

builder.scalarType("DateTime", {
  description:
    "An instant of the years 1 to 9999. Output: ISO 8601 in UTC with milliseconds. Input: any RFC 3339 instant, cut to milliseconds.",
  serialize: formatInstant,
  parseValue: (value) => toInstant(value),
  parseLiteral: (node) => toInstant(node.kind === Kind.STRING ? node.value : null, node),
});

// The node gives the error its place in the document; for a variable, graphql-js adds the path.
function toInstant(value: unknown, node?: ValueNode): Date {
  const instant = typeof value === "string" ? parseInstant(value) : null;
  if (instant !== null) return instant;
  throw new GraphQLError("A DateTime is an RFC 3339 instant such as 2024-05-20T10:00:00.000Z.", {
    nodes: node ?? null,
  });
}

builder.scalarType("JSONObject", {
  description:
    "A JSON object, up to 128 levels deep. Numbers keep their digits, and keys their order; objects with numbers as keys that are out of order may have up to 10,000 keys together in a request.",
  serialize: (value) => value,
  parseValue: (value) => toObject(value),
  parseLiteral: (node, variables) => toObject(readLiteral(node, variables ?? {}), node),
});

function toObject(value: unknown, node?: ValueNode): JsonObject {
  if (isJsonObject(value)) return value;
  throw new GraphQLError("A JSONObject is a JSON object.", { nodes: node ?? null });
}

/** A literal of the document as JSON; its numbers keep their digits, as in variables. */
function readLiteral(node: ValueNode, variables: Record<string, unknown>): unknown {
  switch (node.kind) {
    case Kind.OBJECT:
      return orderedObject(node.fields.map(({ name, value }) => [name.value, readLiteral(value, variables)]));
    case Kind.LIST:
      return node.values.map((value) => readLiteral(value, variables));
    case Kind.VARIABLE:
      return variables[node.name.value] ?? null;
    case Kind.INT:
    case Kind.FLOAT:
      return parseJson(node.value);
    case Kind.NULL:
      return null;
    default:
      return node.value;
  }
}

builder.scalarType("Metadata", {
  description:
    "A map of strings to strings: up to 16 pairs, keys up to 64 characters, values up to 512. Characters are Unicode code points.",
  serialize: (value) => value,
});

export const OrderDirection = builder.enumType("OrderDirection", {
  description: "The direction of a list.",
  values: {
    ASC: { description: "Smallest or oldest first." },
    DESC: { description: "Largest or newest first." },
  },
});
