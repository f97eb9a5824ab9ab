import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from "graphql";

import { createStatementCache } from "../../store/database/statements.ts";
import { variablesIn } from "../pipeline/variables-in.ts";
import { compileQuery, type Query } from "./query.ts";
import type { Compilation } from "./selection.ts";
import { NotCompiled } from "./writer.ts";

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
  const statements = createStatementCache();
  return (document, operation, variables) => {
    let prepared = cache.get(operation);
    if (prepared === undefined) {
      prepared = prepareDocument({ schema, statements }, document, operation);
      cache.set(operation, prepared);
    }
    return prepared(variables);
  };
}

type Prepared = (variables: Record<string, unknown>) => Query | null;

// Directives choose what is selected, so each set of values of their variables is compiled by itself.
const MAX_CHOICES = 16;

function prepareDocument(
  common: Pick<Compilation, "schema" | "statements">,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Prepared {
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
      query = compile(() => compileQuery({ ...common, fragments, variables }, operation));
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
