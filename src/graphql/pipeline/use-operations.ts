import { type ExecutionArgs, type ExecutionResult, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";

import type { Replicas } from "../../store/replicas/replicas.ts";
import { type Context, createContext, PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import type { BeginOperation } from "./begin-operation.ts";
import type { RequestContext } from "./request.ts";

interface Arguments extends ExecutionArgs {
  contextValue: Context & RequestContext;
}
type Execute<Result> = (args: ExecutionArgs) => Result;

/** Counts every operation that the resolvers execute. The first of the plugins, so that it is inside of all others. */
export function useResolvedCount(): Plugin<Context & RequestContext> {
  return {
    onExecute: ({ executeFn, setExecuteFn }) => setExecuteFn(resolved(executeFn)),
    onSubscribe: ({ subscribeFn, setSubscribeFn }) => setSubscribeFn(resolved(subscribeFn)),
  };
}

/** An execution by the resolvers, which is counted. */
export function resolved<Result>(execute: Execute<Result>): Execute<Result> {
  return (args) => {
    // Safe cast: the pipeline executes with the context that it was given.
    (args as Arguments).contextValue.log.document("resolved");
    return execute(args);
  };
}

/** Has every operation begun by `begin` before it is executed. The last of the plugins, so that it is outside of all others. */
export function useOperations(begin: BeginOperation, replicas: Replicas | null): Plugin<Context & RequestContext> {
  const begun =
    <Result>(execute: Execute<Result>) =>
    // Safe cast: as above.
    (args: ExecutionArgs) =>
      executeBegun(begin, replicas, args as Arguments, execute);
  return {
    onExecute: ({ executeFn, setExecuteFn }) => setExecuteFn(begun(executeFn)),
    onSubscribe: ({ subscribeFn, setSubscribeFn }) => setSubscribeFn(begun(subscribeFn)),
  };
}

/**
 * Executes the operation once it is begun, and notes what a mutation wrote before its result is given. What the fast way has
 * executed is not executed again.
 */
export function executeBegun<Result>(
  begin: BeginOperation,
  replicas: Replicas | null,
  args: Arguments,
  execute: Execute<Result>,
): Result | Promise<Awaited<Result>> | ExecutionResult | Promise<ExecutionResult> {
  const { document, contextValue: context } = args;
  if (context.executed !== undefined) return context.executed;
  const operation = getOperationAST(document, args.operationName);
  // Which operation is meant is not said, or there is none of this name: GraphQL says so.
  if (!operation) return execute(args);
  const asked = { document, operation, access: context, maxPageSize: PUBLIC_PAGE_SIZE };
  const begun = begin({ ...asked, variables: args.variableValues ?? {} }, context);
  if ("errors" in begun) return begun;
  const executed = begun.execute(() =>
    execute({ ...args, contextValue: createContext({ ...context, database: begun.database }) }),
  );
  return operation.operation === "mutation" && replicas !== null ? notePosition(replicas, context, executed) : executed;
}

/** The mutation's result, once it is known how far the log must be replayed to show what it wrote. */
async function notePosition<Result>(
  replicas: Replicas,
  context: Context & RequestContext,
  executed: Result,
): Promise<Awaited<Result>> {
  const result = await executed;
  context.tellPosition(await replicas.noteWrite(context.scope));
  return result;
}
