import type { IncomingHttpHeaders } from "node:http";

import { type Context, createContext } from "../../../src/graphql/schema/context.ts";
import { createSchema } from "../../../src/graphql/schema/schema.ts";
import { connect } from "../../../src/store/database/client.ts";
import { createChanges } from "../../../src/store/watch/change-feed.ts";
import { readSettings } from "../server-settings.ts";

const { databaseUrl, poolSize } = readSettings();
const database = connect(databaseUrl, {
  poolSize,
  poolTimeoutMs: 10_000,
  statementTimeoutMs: 60_000,
  lockTimeoutMs: 500,
  prepare: true,
});
const changes = createChanges(database);

/** This project's schema, with its ordinary resolvers and loaders. */
export const schema = createSchema();

/** What they need of a request. No key is asked for, and no page is too large: the peers are spared both. */
export function contextOf(headers: IncomingHttpHeaders): Context {
  const user = headers["x-ms-user-isolation-key"];
  return createContext({
    database,
    changes,
    scope: { projectId: "default", isolationKey: typeof user === "string" ? user : null },
    maxPageSize: Number.MAX_SAFE_INTEGER,
    watchAccess: () => {
      throw new Error("The benchmark watches nothing.");
    },
  });
}
