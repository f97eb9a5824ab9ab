import { maxAliasesPlugin } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthPlugin } from "@escape.tech/graphql-armor-max-depth";
import { maxDirectivesPlugin } from "@escape.tech/graphql-armor-max-directives";
import { maxTokensPlugin } from "@escape.tech/graphql-armor-max-tokens";
import { complexityFromQuery } from "@pothos/plugin-complexity";
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";
import type { Plugin } from "graphql-yoga";

import type { Context } from "../schema/context.ts";
import { listBoundsRule } from "../schema/list-bounds.ts";
import { useDocumentSize } from "./document-size.ts";
import { variablesIn } from "./variables-in.ts";

/** What one document may ask for. More is LIMIT_EXCEEDED, before anything is executed. */
export interface DocumentLimits {
  maxAliases: number;
  maxDepth: number;
  maxDirectives: number;
  /** As many lines as well. */
  maxTokens: number;
  /** Pages multiplied: 20 conversations of 10 turns each are 220 nodes. */
  maxNodes: number;
}

/** A request whose variables are as their types take them. */
interface RequestArgs extends Pick<ExecutionArgs, "document" | "operationName" | "variableValues"> {
  contextValue: Pick<Context, "maxPageSize">;
}

/** The plugins that hold documents to the limits before they are executed, all but that of the objects they ask for. */
export function useLimits(limits: DocumentLimits): Plugin<Context>[] {
  return [
    maxTokensPlugin({
      n: limits.maxTokens,
      onReject: [exceeded(`The document may have up to ${limits.maxTokens} tokens.`)],
    }),
    useDocumentSize(limits.maxTokens, limitExceeded),
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
    {
      onValidate({ addValidationRule }) {
        addValidationRule(listBoundsRule);
      },
    },
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

/** What is wrong with how many objects the document asks for; null for arguments that are wrong, which execution will say. */
export type NodeCheck = (args: RequestArgs) => GraphQLError | null;

/** Counts a document's objects before they are read; once, unless how many they are depends on variables. */
export function createNodeCheck(schema: GraphQLSchema, maxNodes: number): NodeCheck {
  // Null for those that are counted each time.
  const counted = new WeakMap<OperationDefinitionNode, number | null>();
  const count = (args: RequestArgs): number => {
    const operation = getOperationAST(args.document, args.operationName);
    const known = operation && counted.get(operation);
    if (known != null) return known;
    const nodes = countNodes(schema, args);
    if (operation && known === undefined) counted.set(operation, isSizedByVariables(args.document) ? null : nodes);
    return nodes;
  };
  return (args) => {
    try {
      const nodes = count(args);
      if (nodes <= maxNodes) return null;
      return limitExceeded(`The document may ask for up to ${maxNodes} objects, not ${nodes}: choose smaller pages.`);
    } catch (error) {
      if (error instanceof GraphQLError) return null;
      throw error;
    }
  };
}

// What the complexities of fields look at: cursors, filters and orders change nothing about how many objects are asked for,
// and what directives leave out counts too.
const SIZES = new Set(["first", "last", "ids"]);

function isSizedByVariables(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Argument(argument) {
      found ||= SIZES.has(argument.name.value) && variablesIn(argument).length > 0;
    },
  });
  return found;
}

function countNodes(schema: GraphQLSchema, args: RequestArgs): number {
  const { contextValue: ctx, variableValues } = args;
  return complexityFromQuery(onlyOperation(args), { schema, ctx, variables: variableValues ?? {} }).complexity;
}

/** The document without the operations that are not run. */
function onlyOperation({ document, operationName }: RequestArgs): DocumentNode {
  const chosen = getOperationAST(document, operationName);
  const definitions = document.definitions.filter(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION || definition === chosen,
  );
  return { ...document, definitions };
}
