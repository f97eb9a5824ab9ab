import { GraphQLSchema } from "graphql";

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
import "./item.ts";
import "./search-turns.ts";
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
import "./conversation-changed.ts";

const DESCRIPTION = `The conversations of AI agents with their users: turns, and in each turn fragments of text, function calls and their responses.

**Keys.** \`Authorization: Bearer KEY\` or \`api-key: KEY\`; none before the first key exists. A key opens one project. A user's token, where the server takes them, is sent as \`Authorization: Bearer TOKEN\`, and stands for that user in one project. With a key of access \`user\`, the header \`x-ms-user-isolation-key\` names the user whose conversations are read and written; with one of access \`project\` it is optional. What the caller may not see is answered as if it had never existed.

**Paging.** Every list is a Relay connection: \`first\` and \`after\` from the front, \`last\` and \`before\` from the end, 20 rows by default and up to 100. Cursors are opaque, and outlive their rows.

**Errors.** \`extensions.code\` says what went wrong, \`extensions.argument\` where (\`input.turn.messages.0.text\`), \`extensions.requestId\` names the request in the server's log. Nothing is cut to fit a limit, and no write is half done.

**Watching.** \`turnChanged\` comes over server-sent events (\`accept: text/event-stream\`) or as \`multipart/mixed\`. A watcher that was away goes on with \`afterRevision\`.`;

/** The schema, built from what the entities' files declare on the builder. */
export function createSchema(): GraphQLSchema {
  builder.queryType({ description: "Reads of the caller's project." });
  const schema = builder.toSchema({ sortSchema: false });
  // Pothos takes no description of the schema.
  return new GraphQLSchema({ ...schema.toConfig(), description: DESCRIPTION });
}
