import { type ExecutionArgs, type ExecutionResult, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";

import { databaseFailingWith } from "../../store/database/client.ts";
import type { RequestContext } from "../pipeline/request.ts";
import { type Context, createContext } from "../schema/context.ts";
import type { CoerceVariables } from "../schema/variables.ts";
import type { Compiler } from "./compiler.ts";
import { failureOf, orResolve } from "./fallback.ts";
import { answerBytes, CompiledResult } from "./result.ts";

interface Arguments extends ExecutionArgs {
  contextValue: Context & RequestContext;
}
interface Execution {
  executeFn: Execute;
  setExecuteFn(execute: Execute): void;
}
type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** Answers queries of the pipeline from compiled documents where they can be compiled. */
export function useCompiled(compile: Compiler, coerce: CoerceVariables): Plugin<Context & RequestContext> {
  return {
    onExecute({ executeFn, setExecuteFn }: Execution) {
      // Safe cast: Yoga executes with the context that it was given.
      setExecuteFn((args) => execute(compile, coerce, args as Arguments, executeFn));
    },
  };
}

async function execute(
  compile: Compiler,
  coerce: CoerceVariables,
  args: Arguments,
  resolve: Execute,
): Promise<ExecutionResult> {
  const { contextValue: context } = args;
  const read = orResolve(context.log, () => prepare(compile, coerce, args));
  if (read === null) return resolve(args);
  try {
    const result = new CompiledResult(answerBytes(await read(), context.maxAnswerBytes));
    context.log.document("compiled");
    return result;
  } catch (error) {
    const failure = failureOf(error, context);
    if (failure === undefined) return resolve(args);
    const contextValue = createContext({ ...context, database: databaseFailingWith(context.database, failure) });
    return resolve({ ...args, contextValue });
  }
}

function prepare(
  compile: Compiler,
  coerce: CoerceVariables,
  { document, operationName, variableValues, contextValue }: Arguments,
) {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== "query") return null;
  const coerced = coerce(document, operation, variableValues ?? {});
  if ("errors" in coerced) return null;
  return compile(document, operation, coerced.values)?.(coerced.values, contextValue) ?? null;
}
