import { badInput } from "../../model/errors.ts";
import { findUnstorableText, isDeeperThan } from "../../model/json.ts";
import { MAX_NESTING } from "../../model/rules.ts";

/** BAD_USER_INPUT, naming the argument's path, for text anywhere in the input that the database cannot store. */
export function checkText(argument: string, input: unknown): void {
  if (isDeeperThan(input, MAX_NESTING))
    throw badInput(argument, `Objects and lists may nest up to ${MAX_NESTING} deep.`);
  const path = findUnstorableText(input);
  if (path !== null) throw badInput([argument, ...path].join("."), "Text must be Unicode without NUL characters.");
}

/** BAD_USER_INPUT for a text with a length outside the bounds, counted in Unicode code points. */
export function checkLength(argument: string, text: string, least: number, most: number): void {
  const length = [...text].length;
  if (length >= least && length <= most) return;
  throw badInput(argument, `This must have ${least} to ${most} characters, not ${length}.`);
}
