import { maxAliasesPlugin } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthPlugin } from "@escape.tech/graphql-armor-max-depth";
import { maxDirectivesPlugin } from "@escape.tech/graphql-armor-max-directives";
import { maxTokensPlugin } from "@escape.tech/graphql-armor-max-tokens";
import { complexityFromQuery } from "@pothos/plugin-complexity";
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  Kind,
} from "graphql";
import type { Plugin } from "graphql-yoga";

import { type Context, PUBLIC_PAGE_SIZE } from "./context.ts";

/** What one document may ask for. More is LIMIT_EXCEEDED, before anything is executed. */
export interface DocumentLimits {
  maxAliases: number;
  maxDepth: number;
  maxDirectives: number;
  maxTokens: number;
  /** Pages multiplied: 20 conversations of 10 turns each are 220 nodes. */
  maxNodes: number;
}

interface RequestArgs extends ExecutionArgs {
  contextValue: Context;
}

/** The plugins that hold documents to the limits. */
export function useLimits(limits: DocumentLimits): Plugin<Context>[] {
  return [
    maxTokensPlugin({
      n: limits.maxTokens,
      onReject: [exceeded(`The document may have up to ${limits.maxTokens} tokens.`)],
    }),
    maxAliasesPlugin({
      n: limits.maxAliases,
      // By default it lets any number of aliases of __typename pass.
      allowList: [],
      onReject: [exceeded(`The document may have up to ${limits.maxAliases} aliases.`)],
    }),
    maxDepthPlugin({
      n: limits.maxDepth,
      flattenFragments: true,
      onReject: [exceeded(`The document may nest fields up to ${limits.maxDepth} deep.`)],
    }),
    maxDirectivesPlugin({
      n: limits.maxDirectives,
      onReject: [exceeded(`The document may have up to ${limits.maxDirectives} directives.`)],
    }),
    useNodeLimit(limits.maxNodes),
  ];
}

/** The packages' errors come without a code and a status, and call themselves errors of syntax. */
function exceeded(message: string): (context: unknown, error: GraphQLError) => void {
  return () => {
    throw limitExceeded(message);
  };
}

function limitExceeded(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "LIMIT_EXCEEDED", http: { status: 400 } } });
}

function useNodeLimit(maxNodes: number): Plugin<Context> {
  const stopWhenExceeded = ({ args, setResultAndStopExecution }: Execution) => {
    const asked = args.contextValue.maxPageSize > PUBLIC_PAGE_SIZE ? 0 : countNodes(args);
    if (asked <= maxNodes) return;
    const message = `The document may ask for up to ${maxNodes} objects, not ${asked}: choose smaller pages.`;
    setResultAndStopExecution({ errors: [limitExceeded(message)] });
  };
  return { onExecute: stopWhenExceeded, onSubscribe: stopWhenExceeded };
}

interface Execution {
  args: RequestArgs;
  setResultAndStopExecution(result: ExecutionResult): void;
}

/** How many objects the document asks for at most; 0 where its variables are wrong, which execution will say. */
function countNodes(args: RequestArgs): number {
  try {
    const { schema, contextValue: ctx, variableValues } = args;
    return complexityFromQuery(onlyOperation(args), { schema, ctx, variables: variableValues ?? {} }).complexity;
  } catch (error) {
    if (error instanceof GraphQLError) return 0;
    throw error;
  }
}

/** The document without the operations that are not run. */
function onlyOperation({ document, operationName }: RequestArgs): DocumentNode {
  const chosen = getOperationAST(document, operationName);
  const definitions = document.definitions.filter(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION || definition === chosen,
  );
  return { ...document, definitions };
}
