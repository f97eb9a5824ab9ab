import { badInput } from "../../model/errors.ts";
import { orderedObject } from "../../model/ordered-object.ts";
import { MAX_METADATA_PAIRS } from "../../model/rules.ts";

/** A change of some pairs of a metadata map. */
export interface PairsChange {
  /** Pairs to add, or to give another value. */
  set: Readonly<Record<string, string>>;
  /** Keys of pairs to take away; one that is not there changes nothing. */
  remove: readonly string[];
}

/** The map after the change: pairs that were there keep their places. BAD_USER_INPUT, naming the argument, for too many pairs. */
export function changePairs(
  known: Readonly<Record<string, string>>,
  { set, remove }: PairsChange,
  argument: string,
): Record<string, string> {
  const pairs = new Map(Object.entries(known));
  for (const key of remove) pairs.delete(key);
  for (const [key, value] of Object.entries(set)) pairs.set(key, value);
  if (pairs.size > MAX_METADATA_PAIRS) {
    throw badInput(argument, `The metadata would have ${pairs.size} pairs; it may have ${MAX_METADATA_PAIRS}.`);
  }
  return orderedObject(pairs);
}
