import {
  type ASTNode,
  buildASTSchema,
  buildSchema,
  type DirectiveNode,
  findBreakingChanges,
  findDangerousChanges,
  GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  visit,
} from "graphql";

/**
 * What in the schema would break a client of the released one, each as a sentence. What was deprecated in the release may be
 * gone, and the types with it that nothing else leads to; a change of it breaks as any other.
 */
export function breakingChanges(releasedSdl: string, schema: GraphQLSchema): string[] {
  const remaining = withoutRetired(releasedSdl, schema);
  const defaults = findDangerousChanges(remaining, schema).filter(({ type }) => type === "ARG_DEFAULT_VALUE_CHANGE");
  return [...findBreakingChanges(remaining, schema), ...defaults].map(({ description }) => description);
}

/** The released schema without the elements that it deprecates and that the schema does not have any more. */
function withoutRetired(releasedSdl: string, schema: GraphQLSchema): GraphQLSchema {
  const path: string[] = [];
  const document = visit(parse(releasedSdl), {
    enter(node) {
      if (!isNamedDefinition(node)) return undefined;
      path.push(node.name.value);
      const [type = "", ...members] = path;
      if (!isDeprecated(node) || has(schema, type, members)) return undefined;
      path.pop();
      return null;
    },
    leave(node) {
      if (isNamedDefinition(node)) path.pop();
    },
  });
  const { query, mutation, subscription, directives, types } = buildASTSchema(document, {
    assumeValid: true,
  }).toConfig();
  // Only what a client can come to: from the roots, or by way of an interface.
  const implementing = types.filter((type) => isObjectType(type) && type.getInterfaces().length > 0);
  return new GraphQLSchema({ query, mutation, subscription, directives, types: implementing, assumeValid: true });
}

type NamedDefinition = ASTNode & { name: { value: string }; directives?: readonly DirectiveNode[] };

function isNamedDefinition(node: ASTNode): node is NamedDefinition {
  return node.kind.endsWith("Definition") && node.kind !== "OperationTypeDefinition" && "name" in node;
}

function isDeprecated({ directives = [] }: NamedDefinition): boolean {
  return directives.some(({ name }) => name.value === "deprecated");
}

/** Whether the schema has the member of the type, or the argument of the member. */
function has(schema: GraphQLSchema, typeName: string, [member = "", argument]: readonly string[]): boolean {
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(member) !== undefined;
  if (isInputObjectType(type)) return Object.hasOwn(type.getFields(), member);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = type.getFields()[member];
  return field !== undefined && (argument === undefined || field.args.some(({ name }) => name === argument));
}

/** The same for two texts. */
export function breakingChangesOf(releasedSdl: string, sdl: string): string[] {
  return breakingChanges(releasedSdl, buildSchema(sdl));
}
