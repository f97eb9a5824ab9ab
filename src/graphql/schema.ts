import type { GraphQLSchema } from "graphql";

import { builder } from "./builder.ts";
import "./scalars.ts";
import "./message-fragment.ts";
import "./conversation.ts";
import "./turn.ts";
import "./turn-connection.ts";
import "./conversation-connection.ts";
import "./node.ts";

/** The schema, made of what the entities' files declare on the builder. */
export function createSchema(): GraphQLSchema {
  builder.queryType({ description: "What can be read." });
  return builder.toSchema({ sortSchema: false });
}
