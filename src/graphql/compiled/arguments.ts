import { type FieldNode, type GraphQLField, getArgumentValues } from "graphql";

import { variablesIn } from "../pipeline/variables-in.ts";
import type { Arguments } from "../schema/field-source.ts";

/** What a field's arguments select in a request. Throws as the resolver does for arguments that break a rule. */
type Selects<Selected> = (variables: Record<string, unknown>, maxPageSize: number) => Selected;

/** Parses the arguments with `select`: for every request, or once where none of them depends on a variable. */
export function compileArguments<Selected>(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
  select: (args: Arguments, maxPageSize: number) => Selected,
): Selects<Selected> {
  const selects: Selects<Selected> = (variables, maxPageSize) =>
    select(getArgumentValues(definition, node, variables), maxPageSize);
  const isFixed = (node.arguments ?? []).every((argument) => variablesIn(argument).length === 0);
  if (!isFixed) return selects;
  const known = new Map<number, Selected>();
  return (variables, maxPageSize) => {
    const found = known.get(maxPageSize) ?? selects(variables, maxPageSize);
    known.set(maxPageSize, found);
    return found;
  };
}
