import { type ExecutionArgs, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { WalPosition } from "../../model/wal-position.ts";
import { type Database, forRequest } from "../../store/database/client.ts";
import { createRequester } from "../../store/database/requester.ts";
import type { Replicas } from "../../store/replicas/replicas.ts";
import type { Access, Context } from "../schema/context.ts";
import { createLoaders } from "../schema/loaders.ts";

/** What of a request plays a part in where it reads. */
export interface Consistency {
  /** How far the database's log must be replayed where it reads. */
  position: WalPosition;
  /** Told how far that is for those who are to see what the request wrote, before it is answered. */
  tellPosition(position: WalPosition): void;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** What the database answered when the request was tried already: it is not asked again. */
  failure?: unknown;
}

/** The database that a query reads from, over which its statements count as the caller's, and end when he has left. */
export function databaseOfQuery(
  database: Database,
  replicas: Replicas | null,
  { scope, caller }: Pick<Access, "scope" | "caller">,
  { position, signal }: Pick<Consistency, "position" | "signal">,
): Database {
  return forRequest(replicas?.forQuery(scope, position) ?? database, createRequester(caller, signal));
}

/**
 * Lets queries read from replicas, and tells the position of what a mutation wrote. Mutations and subscriptions keep the
 * primary for everything: what they read decides what is written, or follows what was committed this moment.
 */
export function useReplicas(replicas: Replicas): Plugin<Context & Consistency> {
  return {
    onExecute({ args }: { args: ExecutionArgs & { contextValue: Context & Consistency } }) {
      const context = args.contextValue;
      const { operation } = getOperationAST(args.document, args.operationName) ?? {};
      if (operation === "query" && context.failure === undefined) {
        context.database = databaseOfQuery(context.database, replicas, context, context);
        context.loaders = createLoaders(context);
      }
      if (operation !== "mutation") return undefined;
      return {
        async onExecuteDone() {
          context.tellPosition(await replicas.noteWrite(context.scope));
        },
      };
    },
  };
}
