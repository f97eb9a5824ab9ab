import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

import type { Context } from "../../../src/graphql/schema/context.ts";
import { contextOf, schema } from "./resolvers.ts";

const { url } = await startStandaloneServer(new ApolloServer<Context>({ schema }), {
  listen: { port: 0, host: "127.0.0.1" },
  context: async ({ req }) => contextOf(req.headers),
});
process.stdout.write(`listening on ${url}graphql\n`);
