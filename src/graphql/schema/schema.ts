import type { GraphQLSchema } from "graphql";

import { builder } from "./builder.ts";
import "./scalars.ts";
import "./error-code.ts";
import "./message-fragment.ts";
import "./conversation.ts";
import "./turn.ts";
import "./turn-connection.ts";
import "./last-turn.ts";
import "./preview.ts";
import "./conversation-connection.ts";
import "./node.ts";
import "./agents.ts";
import "./conversation-counts.ts";
import "./mutation.ts";
import "./create-conversation.ts";
import "./change-conversation.ts";
import "./write-turn.ts";
import "./set-turn-metadata.ts";
import "./delete-turn.ts";
import "./fork-conversation.ts";
import "./turn-changed.ts";

/** The schema, built from what the entities' files declare on the builder. */
export function createSchema(): GraphQLSchema {
  builder.queryType({ description: "Reads of the caller's project." });
  return builder.toSchema({ sortSchema: false });
}
