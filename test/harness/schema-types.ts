import { minifyIntrospection, outputIntrospectionFile } from "@gql.tada/internal";
import { type GraphQLSchema, introspectionFromSchema, lexicographicSortSchema } from "graphql";

/** The schema as the TypeScript types from which gql.tada infers those of the viewer's documents: `schema-types.d.ts`. */
export function printSchemaTypes(schema: GraphQLSchema): string {
  const introspection = minifyIntrospection(
    introspectionFromSchema(lexicographicSortSchema(schema), { descriptions: false }),
  );
  return outputIntrospectionFile(introspection, { fileType: ".d.ts", shouldPreprocess: true });
}
