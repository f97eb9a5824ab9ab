import { type ASTNode, visit } from "graphql";

/** The names of the variables that stand in the node, each as often as it does. */
export function variablesIn(node: ASTNode): string[] {
  const names: string[] = [];
  visit(node, {
    Variable({ name }) {
      names.push(name.value);
    },
  });
  return names;
}
