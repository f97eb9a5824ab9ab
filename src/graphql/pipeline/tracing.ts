import { type ExecutionArgs, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";

import { traceOperation } from "../../tracing.ts";

/** Has each operation traced, so that its statements show under it. */
export function useTracing(): Plugin {
  return {
    onExecute: ({ executeFn, setExecuteFn }) => setExecuteFn(traced(executeFn)),
    onSubscribe: ({ subscribeFn, setSubscribeFn }) => setSubscribeFn(traced(subscribeFn)),
  };
}

function traced<Args extends Pick<ExecutionArgs, "document" | "operationName">, Result>(run: (args: Args) => Result) {
  return (args: Args): Result => {
    const operation = getOperationAST(args.document, args.operationName);
    return operation === null || operation === undefined
      ? run(args)
      : traceOperation(operation.operation, operation.name?.value, () => run(args));
  };
}
