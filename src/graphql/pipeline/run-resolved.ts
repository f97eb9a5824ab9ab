import { type ExecutionResult, execute, type GraphQLSchema } from "graphql";

import type { ChangeFeed } from "../../store/watch/change-feed.ts";
import { createContext } from "../schema/context.ts";
import type { BeginOperation } from "./begin-operation.ts";
import { toFoundRows } from "./resolved-rows.ts";
import { type RunStored, STORED_PAGE_SIZE } from "./rows.ts";

interface Resolving {
  schema: GraphQLSchema;
  begin: BeginOperation;
  changes: ChangeFeed;
  maxPageBytes: number;
  maxAnswerBytes: number;
}

/** Runs stored documents through the resolvers, as any other document of the graph. */
export function createRunResolved({ schema, begin, changes, maxPageBytes, maxAnswerBytes }: Resolving): RunStored {
  return async ({ document, operation }, variables, access, request) => {
    const { scope, caller, readOnly, watch: watchAccess } = access;
    const maxPageSize = STORED_PAGE_SIZE;
    const begun = begin({ document, operation, variables, access, maxPageSize }, request);
    if ("errors" in begun) throw begun.errors[0];
    request.log.document("resolved");
    const limits = { maxPageSize, maxPageBytes, maxAnswerBytes };
    const asked = {
      scope,
      caller,
      readOnly,
      signal: request.signal,
      lastEventId: null,
      watchAccess,
      changes,
      ...limits,
    };
    const contextValue = createContext({ ...asked, database: begun.database });
    const result = await begun.execute(() => execute({ schema, document, variableValues: variables, contextValue }));
    const [found] = Object.values(dataOf(result));
    return toFoundRows(schema, found);
  };
}

/** The data; throws the first error's cause, as another surface words it itself. */
function dataOf({ data, errors: [error] = [] }: ExecutionResult): Record<string, unknown> {
  if (error !== undefined) throw error.originalError ?? error;
  return data ?? {};
}
