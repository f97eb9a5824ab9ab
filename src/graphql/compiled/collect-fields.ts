import type { FieldNode, FragmentDefinitionNode, GraphQLObjectType, GraphQLSchema, SelectionSetNode } from "graphql";
import { collectFields, collectSubfields } from "graphql/execution/collectFields.js";

// A way into graphql-js, which does not export how it collects fields. test/house/seams.test.ts holds what is expected of it.

/** What a selection depends on beside its type: one operation's document, and the values of its directives' variables. */
export interface Selecting {
  schema: GraphQLSchema;
  fragments: Record<string, FragmentDefinitionNode>;
  variables: Record<string, unknown>;
}

/** The nodes of each response key, in the response's order. */
type Collected = ReadonlyMap<string, readonly FieldNode[]>;

/** What the operation's selection has of its root type. */
export function collectRoot(
  { schema, fragments, variables }: Selecting,
  type: GraphQLObjectType,
  selectionSet: SelectionSetNode,
): Collected {
  return collectFields(schema, fragments, variables, type, selectionSet);
}

/** What the selections of one field's nodes have together of the object's type. */
export function collectObject(
  { schema, fragments, variables }: Selecting,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
): Collected {
  return collectSubfields(schema, fragments, variables, type, nodes);
}
