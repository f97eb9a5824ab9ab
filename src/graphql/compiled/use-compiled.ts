import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";
import type { Plugin } from "graphql-yoga";

import { isLimitExceeded } from "../../model/errors.ts";
import { databaseFailingWith } from "../../store/database/client.ts";
import { type Context, createContext } from "../schema/context.ts";
import type { CoerceVariables } from "../schema/variables.ts";
import { variablesIn } from "./arguments.ts";
import { compileQuery, type Query } from "./query.ts";
import { CompiledResult } from "./result.ts";
import { NotCompiled } from "./writer.ts";

interface Arguments extends ExecutionArgs {
  contextValue: Context;
}
interface Execution {
  executeFn: Execute;
  setExecuteFn(execute: Execute): void;
}
type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** Answers queries from compiled documents where they can be compiled; the README of this folder tells how. */
export function useCompiled(compile: Compiler, coerce: CoerceVariables): Plugin<Context> {
  return {
    onExecute({ executeFn, setExecuteFn }: Execution) {
      setExecuteFn((given) => execute(compile, coerce, given as Arguments, executeFn));
    },
  };
}

async function execute(
  compile: Compiler,
  coerce: CoerceVariables,
  args: Arguments,
  resolve: Execute,
): Promise<ExecutionResult> {
  const read = prepare(compile, coerce, args);
  // Its resolvers find the fault in the arguments, and say where it is.
  if (read === null) return resolve(args);
  try {
    return new CompiledResult(await read());
  } catch (error) {
    if (isLimitExceeded(error)) return resolve(args);
    // What the resolvers make of a database that fails as it just did is the answer.
    const { contextValue: context } = args;
    return resolve({
      ...args,
      contextValue: createContext({ ...context, database: databaseFailingWith(context.database, error) }),
    });
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
  try {
    return compile(document, operation, coerced.values)?.(coerced.values, contextValue) ?? null;
  } catch {
    return null;
  }
}

/** Finds the compiled form of an operation with these variables, which are as their types take them; null where there is none. */
export type Compiler = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
) => Query | null;

/** A compiler that remembers what it compiled. */
export function createCompiler(schema: GraphQLSchema): Compiler {
  // Documents live as long as the pipeline's cache keeps them, and what was compiled of them as long as they.
  const cache = new WeakMap<OperationDefinitionNode, Prepared>();
  return (document, operation, variables) => {
    let prepared = cache.get(operation);
    if (prepared === undefined) {
      prepared = prepareDocument(schema, document, operation);
      cache.set(operation, prepared);
    }
    return prepared(variables);
  };
}

type Prepared = (variables: Record<string, unknown>) => Query | null;

// Directives choose what is selected, so each set of values of their variables is compiled by itself.
const MAX_CHOICES = 16;

function prepareDocument(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Prepared {
  const fragments = Object.fromEntries(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((definition) => [definition.name.value, definition]),
  );
  const names = directiveVariables(document);
  const choices = new Map<string, Query | null>();
  return (variables) => {
    const choice = names.map((name) => variables[name]).join();
    let query = choices.get(choice);
    if (query === undefined) {
      if (choices.size === MAX_CHOICES) return null;
      query = compile(() => compileQuery({ schema, fragments, variables }, operation));
      choices.set(choice, query);
    }
    return query;
  };
}

function compile(attempt: () => Query): Query | null {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof NotCompiled) return null;
    throw error;
  }
}

function directiveVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      for (const name of variablesIn(node)) names.add(name);
    },
  });
  return [...names];
}
