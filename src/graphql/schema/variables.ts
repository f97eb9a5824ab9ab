import {
  BREAK,
  coerceInputValue,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
  visit,
} from "graphql";

import { isRawNumber } from "../../model/json.ts";
import { argumentPath, badArgument, createListMeasure, type MeasureLists, type Path } from "./list-bounds.ts";

type Values = Record<string, unknown>;

/** The variables of an operation, coerced to their types, or the errors in them. */
type Coerced = { values: Values } | { errors: readonly GraphQLError[] };

/** Coerces the variables of a request for its operation: once, however often it is called. */
export type CoerceVariables = (document: DocumentNode, operation: OperationDefinitionNode, given: Values) => Coerced;

/** Coercion by the schema's types. Everything that reads variables comes after it. */
export function createCoercion(schema: GraphQLSchema): CoerceVariables {
  const measureLists = createListMeasure();
  const known = new WeakMap<Values, { operation: OperationDefinitionNode; coerced: Coerced }>();
  return (document, operation, given) => {
    const found = known.get(given);
    if (found?.operation === operation) return found.coerced;
    const coerced = coerce(schema, measureLists(), document, operation, given);
    known.set(given, { operation, coerced });
    return coerced;
  };
}

// The limit of graphql-js.
const MAX_ERRORS = 50;

/** Thrown at the first error over the limit. */
class TooManyErrors extends Error {}

// Replaces the getVariableValues of graphql-js, in which each error quotes the whole variable: 4,000 unknown keys of
// one object would write it 4,000 times, and the reason, which stands at the end, would be cut off.
function coerce(
  schema: GraphQLSchema,
  measure: MeasureLists,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Values,
): Coerced {
  // A variable may have any name, even __proto__.
  const values: Values = Object.create(null);
  const errors: GraphQLError[] = [];
  try {
    for (const definition of operation.variableDefinitions ?? []) {
      const name = definition.variable.name.value;
      const value = coerceVariable(schema, measure, definition, given, (path, message) => {
        if (errors.length === MAX_ERRORS) throw new TooManyErrors();
        const argument = [...findArgument(document, name), ...path].join(".");
        errors.push(new GraphQLError(message, { nodes: definition, extensions: badArgument(argument) }));
      });
      if (value !== undefined) values[name] = value;
    }
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
    const extensions = { code: "BAD_USER_INPUT", http: { status: 400 } };
    errors.push(new GraphQLError("Too many errors processing variables, error limit reached.", { extensions }));
  }
  return errors.length === 0 ? { values } : { errors };
}

/** The variable's value; undefined when it has none, and when it is wrong. */
function coerceVariable(
  schema: GraphQLSchema,
  measure: MeasureLists,
  definition: VariableDefinitionNode,
  given: Values,
  fail: (path: Path, message: string) => void,
): unknown {
  const name = definition.variable.name.value;
  const type = typeFromAST(schema, definition.type);
  if (!isInputType(type)) throw new Error("Validation lets only input types pass.");
  if (!Object.hasOwn(given, name)) {
    if (definition.defaultValue !== undefined) return valueFromAST(definition.defaultValue, type);
    if (isNonNullType(type)) fail([], `Variable "$${name}" of required type "${type}" was not provided.`);
    return undefined;
  }
  const value = given[name];
  if (value === null && isNonNullType(type)) {
    fail([], `Variable "$${name}" of non-null type "${type}" must not be null.`);
    return undefined;
  }
  // Measured first, because a long list takes far longer to coerce.
  const long = measure(value, type);
  if (long !== null) {
    fail(long.path, `Variable "$${name}"${at(name, long.path)} ${long.rule}`);
    return undefined;
  }
  const failValue = (path: Path, invalid: unknown, { message }: Error) =>
    fail(path, `Variable "$${name}" got invalid value${at(name, path)}; ${withDigits(message, invalid)}`);
  return coerceInputValue(value, type, failValue, true);
}

function at(name: string, path: Path): string {
  const steps = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`));
  return steps.length === 0 ? "" : ` at "${name}${steps.join("")}"`;
}

/**
 * The first use of the variable in the document: the path from an argument on. The variable's name when it is not used.
 */
function findArgument(document: DocumentNode, variable: string): readonly string[] {
  let found: readonly string[] | undefined;
  visit(document, {
    VariableDefinition: () => false,
    Variable({ name }, _key, parent, keys, ancestors) {
      if (name.value !== variable) return undefined;
      found = argumentPath([...ancestors, parent], keys);
      return BREAK;
    },
  });
  return found ?? [variable];
}

/** The message, with the digits of a number that keeps them: graphql-js shows the object that holds it. */
function withDigits(message: string, invalid: unknown): string {
  if (!isRawNumber(invalid)) return message;
  const digits = JSON.stringify(invalid);
  return message.replace(`{ rawJSON: "${digits}" }`, digits);
}
