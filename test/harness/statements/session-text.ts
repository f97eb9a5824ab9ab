import type { Node } from "libpg-query";

import { as, type Fields, textsOf, walk } from "./tree.ts";

/** What an instant may be the argument of: the result has no text or day of the session's in it. */
const SAFE = new Set(["max", "min", "timezone", "conversation_count_bucket"]);

/** Values of the session's time zone. */
const LOCAL = /^SVFOP_(CURRENT_DATE|CURRENT_TIME(_N)?|LOCALTIME\w*)$/;

/** What in the statement is spelt, or is another day, by the session's TimeZone and DateStyle, where `instants` are names of columns. */
export function findSessionText(statement: unknown, instants: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const isInstant = (node: Node | undefined) => instants.has(textsOf(as("ColumnRef", node)?.fields).at(-1) ?? "");
  walk({ statement }, (_name, held) => {
    // Safe casts: an object that walk comes to is a node, or what one holds.
    const node = held as Node;
    const cast = as("TypeCast", node);
    const type = textsOf(cast?.typeName?.names).at(-1) ?? "";
    if (type !== "timestamptz" && isInstant(cast?.arg)) found.push(`an instant as ${type}`);
    const call = as("FuncCall", node);
    if (call !== undefined) found.push(...ofCall(call, isInstant));
    const { op = "" } = as("SQLValueFunction", node) ?? {};
    if (LOCAL.test(String(op))) found.push(String(op));
    return true;
  });
  return found;
}

function ofCall({ funcname, args = [] }: Fields<"FuncCall">, isInstant: (node: Node | undefined) => boolean): string[] {
  const name = textsOf(funcname).at(-1) ?? "";
  const [first] = args;
  if (name === "date_trunc") return args.length < 3 ? ["date_trunc() without a zone"] : [];
  if (name === "extract" && as("A_Const", first)?.sval?.sval === "epoch") return [];
  return !SAFE.has(name) && args.some(isInstant) ? [`${name}() of an instant`] : [];
}
