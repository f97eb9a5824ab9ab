import type { RequestContext } from "../graphql/pipeline/request.ts";
import type { Access } from "../graphql/schema/context.ts";
import type { StoreAccess } from "../rest/rest-request.ts";
import { type Database, forRequest } from "../store/database/client.ts";
import { createRequester } from "../store/database/requester.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import type { ChangeFeed } from "../store/watch/change-feed.ts";

interface Sources {
  database: Database;
  replicas: Replicas | null;
  changes: ChangeFeed;
}

/** The store for a request of a caller with this access. Statements count as the caller's, and end when the caller has left. */
export function openStore(
  { database, replicas, changes }: Sources,
  { scope, caller }: Access,
  { position, signal, tellPosition }: RequestContext,
): StoreAccess {
  const requester = createRequester(caller, signal);
  return {
    scope,
    reads: forRequest(replicas?.forQuery(scope, position) ?? database, requester),
    writes: forRequest(database, requester),
    async wrote(conversationId) {
      changes.announce(scope.projectId, conversationId);
      if (replicas !== null) tellPosition(await replicas.noteWrite(scope));
    },
  };
}
