import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  type OperationDefinitionNode,
} from "graphql";
import { collectFields, collectSubfields } from "graphql/execution/collectFields.js";

import { NotCompiled, type Write, writeObject } from "./writer.ts";

/** A document as it is compiled: with one operation, and one set of values for what its directives depend on. */
export interface Compilation {
  schema: GraphQLSchema;
  fragments: Record<string, FragmentDefinitionNode>;
  variables: Record<string, unknown>;
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
  const { schema, fragments, variables } = compilation;
  return compileFields(type, collectSubfields(schema, fragments, variables, type, nodes), compileField);
}

/** The same of the operation's root. */
export function compileRoot<Source>(
  { schema, fragments, variables }: Compilation,
  type: GraphQLObjectType,
  operation: OperationDefinitionNode,
  compileField: (field: SelectedField, key: string) => Write<Source>,
): Write<Source> {
  const selected = collectFields(schema, fragments, variables, type, operation.selectionSet);
  return compileFields(type, selected, compileField);
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
