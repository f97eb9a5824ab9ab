import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "schema.graphql", // as the server gives it out; not kept here
  documents: "src/*.{ts,tsx}",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        importExtension: ".ts",
        useTypeImports: true,
        scalars: { DateTime: "string", JSONObject: "Record<string, unknown>", Metadata: "Record<string, string>" },
      },
    },
  },
};
export default config;
