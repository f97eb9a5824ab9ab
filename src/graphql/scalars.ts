import { GraphQLError } from "graphql";

import { formatInstant, parseInstant } from "../instant.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { builder } from "./builder.ts";

builder.scalarType("DateTime", {
  description:
    "An instant of the years 1 to 9999. Out: ISO 8601 in UTC with milliseconds. In: any RFC 3339 instant, cut to milliseconds.",
  serialize: formatInstant,
  parseValue: (value) => {
    const instant = typeof value === "string" ? parseInstant(value) : null;
    if (instant === null) throw new GraphQLError("A DateTime is an RFC 3339 instant such as 2024-05-20T10:00:00.000Z.");
    return instant;
  },
});

builder.scalarType("JSONObject", {
  description: "A JSON object, with the keys in the order and the numbers with the digits that they were written with.",
  serialize: (value) => value,
  parseValue: (value): JsonObject => {
    if (!isJsonObject(value)) throw new GraphQLError("A JSONObject is a JSON object.");
    return value;
  },
});

builder.scalarType("Metadata", {
  description:
    "A map of strings to strings: up to 16 pairs, keys up to 64 characters, values up to 512. Characters are Unicode code points.",
  serialize: (value) => value,
});

export const OrderDirection = builder.enumType("OrderDirection", {
  description: "Which way a list runs.",
  values: {
    ASC: { description: "Smallest or oldest first." },
    DESC: { description: "Largest or newest first." },
  },
});
