import { writeFileSync } from "node:fs";

import { introspectionFromSchema, printSchema } from "graphql";

import { createSchema } from "../src/graphql/schema/schema.ts";

// The committed files are what clients generate their types from; a review sees every change of the contract in the SDL.
const schema = createSchema();
write("schema.graphql", printSchema(schema));
write("schema.json", JSON.stringify(introspectionFromSchema(schema), null, 1));

function write(name: string, text: string): void {
  writeFileSync(new URL(`../src/graphql/${name}`, import.meta.url), `${text}\n`);
}
