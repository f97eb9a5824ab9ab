import {
  BREAK,
  coerceInputValue,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
  visit,
} from "graphql";
import type { Plugin } from "graphql-yoga";

import { isRawNumber } from "../../model/json.ts";
import { argumentPath, badArgument, createListMeasure, type MeasureLists, type Path } from "./list-bounds.ts";

type Values = Record<string, unknown>;

/** The variables of an operation as their types take them, or what is wrong with them. */
type Coerced = { values: Values } | { errors: readonly GraphQLError[] };

/** Coerces what a request gives for its operation's variables: once, however often it is asked. */
export type CoerceVariables = (document: DocumentNode, operation: OperationDefinitionNode, given: Values) => Coerced;

/** Coercion by the schema's types. Everything that looks at variables comes after it. */
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

/** Stops an operation whose variables are wrong. */
export function useVariables(coerce: CoerceVariables): Plugin {
  const stopWhenWrong = ({ args, setResultAndStopExecution }: Execution) => {
    const operation = getOperationAST(args.document, args.operationName);
    const coerced = operation && coerce(args.document, operation, args.variableValues ?? {});
    if (coerced && "errors" in coerced) setResultAndStopExecution(coerced);
  };
  return { onExecute: stopWhenWrong, onSubscribe: stopWhenWrong };
}

interface Execution {
  args: ExecutionArgs;
  setResultAndStopExecution(result: ExecutionResult): void;
}

// The most that graphql-js reports.
const MAX_ERRORS = 50;

/** Thrown where one more error is found. */
class TooManyErrors extends Error {}

// Not graphql-js's getVariableValues: each of its errors quotes the whole variable. 4,000 unknown keys of one object would be
// written out 4,000 times, and what is wrong, which stands at the end, would be cut off.
function coerce(
  schema: GraphQLSchema,
  measure: MeasureLists,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Values,
): Coerced {
  // A variable may have any name, __proto__ too.
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

/** The variable's value; undefined where it has none, and where it is wrong. */
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
  // First, as a list takes far longer to coerce.
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

/** Where the variable first stands in the document: the path from an argument on. Its own name where it is not used. */
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

/** The message, in which graphql-js shows a number that is kept as its digits as the object that keeps them. */
function withDigits(message: string, invalid: unknown): string {
  if (!isRawNumber(invalid)) return message;
  const digits = JSON.stringify(invalid);
  return message.replace(`{ rawJSON: "${digits}" }`, digits);
}
