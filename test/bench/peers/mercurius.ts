import fastify from "fastify";
import mercurius from "mercurius";

import { contextOf, schema } from "./resolvers.ts";

const app = fastify();
app.register(mercurius, { schema, jit: 1, context: (request) => contextOf(request.headers) });
const address = await app.listen({ port: 0, host: "127.0.0.1" });
process.stdout.write(`listening on ${address}/graphql\n`);
