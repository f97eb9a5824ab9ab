import { writeFileSync } from "node:fs";

import { printSchema } from "graphql";

import { createSchema } from "../src/graphql/schema.ts";

// The committed SDL is what clients generate their types from; a review sees every change of the contract in it.
writeFileSync(new URL("../src/graphql/schema.graphql", import.meta.url), `${printSchema(createSchema())}\n`);
