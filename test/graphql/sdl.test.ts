import { existsSync, readFileSync } from "node:fs";

import {
  buildClientSchema,
  buildSchema,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { expect, test } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";
import { printSchemaTypes } from "../harness/schema-types.ts";

const CONTRACT = new URL("../../../shared/contract/schema.graphql", import.meta.url);
const schema = createSchema();

test("the committed SDL, introspection and types are the schema's", () => {
  const committed = (name: string) => readFileSync(new URL(`../../src/graphql/${name}`, import.meta.url), "utf8");
  const inOrder = (one: GraphQLSchema) => printSchema(lexicographicSortSchema(one));
  // Types stand in the order in which files are loaded, and another test may have loaded some of them first.
  expect(inOrder(schema), "run `npm run sdl`").toBe(inOrder(buildSchema(committed("schema.graphql"))));
  expect(inOrder(schema), "run `npm run sdl`").toBe(inOrder(buildClientSchema(JSON.parse(committed("schema.json")))));
  expect(printSchemaTypes(schema), "run `npm run sdl`").toBe(committed("../viewer/graph/schema-types.d.ts"));
});

test.skipIf(!existsSync(CONTRACT))("the schema holds all of the contract (needs ../shared/contract)", () => {
  const contract = buildSchema(readFileSync(CONTRACT, "utf8"));
  const breaking = findBreakingChanges(contract, schema);
  const defaults = findDangerousChanges(contract, schema).filter(({ type }) => type === "ARG_DEFAULT_VALUE_CHANGE");
  expect([...breaking, ...defaults].map(({ description }) => description)).toEqual([]);
});

test("every element of the schema has a description", () => {
  const bare = Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap(undescribed);
  expect(bare).toEqual([]);
});

function undescribed(type: GraphQLNamedType): string[] {
  const elements: [string, string | null | undefined][] = [[type.name, type.description]];
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      elements.push([`${type.name}.${field.name}`, field.description]);
      for (const arg of field.args) elements.push([`${type.name}.${field.name}(${arg.name})`, arg.description]);
    }
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields()))
      elements.push([`${type.name}.${field.name}`, field.description]);
  }
  if (isEnumType(type)) {
    for (const value of type.getValues()) elements.push([`${type.name}.${value.name}`, value.description]);
  }
  return elements.flatMap(([name, description]) => ((description ?? "").trim() === "" ? [name] : []));
}
