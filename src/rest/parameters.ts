import { z } from "zod";

import { type ApiError, badInput } from "../model/errors.ts";
import { isStorableText } from "../model/json.ts";

/** The first rule that a parameter broke. Its message stands behind the parameter's name. */
export type BrokenRule = z.core.$ZodIssue;

/** How a dialect words what is wrong with its parameters. */
export interface ParameterErrors {
  duplicate(name: string): Error;
  broken(name: string, text: string, rule: BrokenRule): Error;
}

/**
 * The values of the documented parameters of the query; others are passed over. `rules` are what the published document
 * shows, too. Throws the dialect's error for the first parameter that is given twice, else for the first broken rule.
 */
export function readQuery<Shape extends z.ZodRawShape>(
  rules: z.ZodObject<Shape>,
  query: URLSearchParams,
  errors: ParameterErrors,
): z.output<z.ZodObject<Shape>> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(rules.shape)) {
    const [text, ...more] = query.getAll(name);
    if (more.length > 0) throw errors.duplicate(name);
    if (text !== undefined) given[name] = text;
  }
  return readParameters(rules, given, errors);
}

/** The values of parameters that are there once, such as those of the path. Throws the error for the first broken rule. */
export function readParameters<Shape extends z.ZodRawShape>(
  rules: z.ZodObject<Shape>,
  given: Record<string, string>,
  errors: Pick<ParameterErrors, "broken">,
): z.output<z.ZodObject<Shape>> {
  const read = rules.safeParse(given);
  if (read.success) return read.data;
  const [rule] = read.error.issues;
  const name = String(rule?.path[0]);
  throw rule === undefined ? read.error : errors.broken(name, given[name] ?? "", rule);
}

/** A rule that has no words in its dialect's documents. */
export function brokenRule(name: string, _text: string, rule: BrokenRule): ApiError {
  return badInput(name, `The parameter '${name}' ${rule.message}.`);
}

/** The rule for an integer: digits with no sign but `-`, no fraction, exponent or space, from `least` to `most`. */
export function integer(least: number, most: number) {
  const message = `must be an integer from ${least} to ${most}`;
  const digits = z.string().transform((text, { issues }) => {
    const value = parseInteger(text);
    if (value !== null) return value;
    issues.push({ code: "invalid_type", expected: "int", input: text, message });
    return z.NEVER;
  });
  return digits.pipe(z.number().min(least, message).max(most, message).int(message));
}

/** The rule for text that is compared with what is stored: nothing stored can be equal to any other. */
export function storableText() {
  return z.string().refine(isStorableText, "must be Unicode text without NUL characters");
}

/** An integer of any size as a number; one that a double cannot hold is out of every bound as it was. */
function parseInteger(text: string): number | null {
  if (!/^-?\d+$/.test(text)) return null;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
}
