import { writeFileSync } from "node:fs";

import { introspectionFromSchema, printSchema } from "graphql";

import { createSchema } from "../src/graphql/schema/schema.ts";
import { printSchemaTypes } from "./harness/schema-types.ts";

// The committed files are what clients generate their types from; a review sees every change of the contract in the SDL.
const schema = createSchema();
write("graphql/schema.graphql", `${printSchema(schema)}\n`);
write("graphql/schema.json", `${JSON.stringify(introspectionFromSchema(schema), null, 1)}\n`);
write("viewer/graph/schema-types.d.ts", printSchemaTypes(schema));

function write(name: string, text: string): void {
  writeFileSync(new URL(`../src/${name}`, import.meta.url), text);
}
