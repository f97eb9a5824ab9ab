import { type DocumentInput, gql } from "@urql/core";
import type { initGraphQLTada } from "gql.tada";

import type { introspection } from "./schema-types.d.ts";

type Graph = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  // Objects are texts of JSON: see exact-fetch.ts. No subscription selects any.
  scalars: { DateTime: string; JSONObject: string; Metadata: string };
}>;

function parse(source: string, fragments: readonly DocumentInput[] = []): DocumentInput {
  // Safe cast: `gql` indexes a template's strings and reads nothing else of them. It ignores fragments beside a plain string.
  const strings = [source, ...fragments.map(() => "")] as unknown as TemplateStringsArray;
  return gql(strings, ...fragments);
}

/**
 * A document of the public graph with the types of its result and variables, which TypeScript infers from the text and the
 * committed schema. The fragments that it spreads go into the array. Of gql.tada only the types are used: urql parses.
 */
// Safe cast: `parse` takes what gql.tada's function takes, and gives the same document.
export const graphql = parse as unknown as Graph;
