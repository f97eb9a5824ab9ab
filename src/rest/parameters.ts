import { badInput } from "../errors.ts";
import { isStorableText } from "../json.ts";

/** The documented parameters of the query; `onDuplicate` makes the error for one that is given twice. */
export function readParameters<const Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
  onDuplicate: (name: Name) => Error,
): (name: Name) => string | null {
  for (const name of names) {
    if (query.getAll(name).length > 1) throw onDuplicate(name);
  }
  return (name) => query.get(name);
}

/** The text as an integer of any size, or null when it is not one: no sign but `-`, no fraction, exponent or space. */
export function parseInteger(text: string): bigint | null {
  return /^-?\d+$/.test(text) ? BigInt(text) : null;
}

/** The text as it is; BAD_USER_INPUT, naming the parameter, for text that nothing stored can be equal to. */
export function checkStorable<Text extends string | null>(name: string, text: Text): Text {
  if (text === null || isStorableText(text)) return text;
  throw badInput(name, `The parameter '${name}' must be Unicode text without NUL characters.`);
}
