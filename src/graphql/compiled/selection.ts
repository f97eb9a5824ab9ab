import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  type OperationDefinitionNode,
} from "graphql";

import type { Statements } from "../../store/database/statements.ts";
import { collectObject, collectRoot, type Selecting } from "./collect-fields.ts";
import { NotCompiled, type Write, writeObject } from "./writer.ts";

/** A document as it is compiled: with one operation, and one set of values for what its directives depend on. */
export interface Compilation extends Selecting {
  /** Gives each root field the place to keep its statements. */
  statements: () => Statements;
}

/** A field that is selected once or, with the same arguments, several times. */
export interface SelectedField {
  definition: GraphQLField<unknown, unknown>;
  nodes: readonly FieldNode[];
  /** Whose fields are selected of it; undefined for a leaf. */
  type: GraphQLObjectType | undefined;
}

/** Writes what the nodes select of an object of this type; `compileField` is asked for each field that the type declares. */
export function compileObject<Source>(
  compilation: Compilation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  compileField: (field: SelectedField) => Write<Source>,
): Write<Source> {
  return compileFields(type, collectObject(compilation, type, nodes), compileField);
}

/** The same of the operation's root. */
export function compileRoot<Source>(
  compilation: Compilation,
  type: GraphQLObjectType,
  operation: OperationDefinitionNode,
  compileField: (field: SelectedField, key: string) => Write<Source>,
): Write<Source> {
  return compileFields(type, collectRoot(compilation, type, operation.selectionSet), compileField);
}

function compileFields<Source>(
  type: GraphQLObjectType,
  selected: ReadonlyMap<string, readonly FieldNode[]>,
  compileField: (field: SelectedField, key: string) => Write<Source>,
): Write<Source> {
  const fields = [...selected].map(([key, nodes]) => {
    const name = nodes[0]?.name.value ?? "";
    if (name === "__typename") return { key, value: JSON.stringify(type.name) };
    const definition = type.getFields()[name];
    // Introspection.
    if (definition === undefined) throw new NotCompiled();
    const named = getNamedType(definition.type);
    return {
      key,
      value: compileField({ definition, nodes, type: isObjectType(named) ? named : undefined }, key),
    };
  });
  return writeObject(fields);
}
