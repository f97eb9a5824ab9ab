import { membersOf } from "./json-text.ts";

// Beyond this the indentation of hostile arguments could be many times their bytes.
const MOST_INDENTED = 20_000;

/** The JSON text with a line for each member, its digits and order as they are; a long text as it is. The text is valid JSON. */
export function prettyJson(text: string): string {
  return text.length > MOST_INDENTED ? text : indent(text.trim(), "");
}

function indent(text: string, margin: string): string {
  if (!/^[{[]/.test(text)) return text;
  const inner = `${margin}  `;
  const lines = membersOf(text).map(
    ({ key, value }) => `\n${inner}${key === null ? "" : `${key}: `}${indent(value, inner)}`,
  );
  return lines.length === 0 ? `${text[0]}${text.at(-1)}` : `${text[0]}${lines.join(",")}\n${margin}${text.at(-1)}`;
}
