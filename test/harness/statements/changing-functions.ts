import type { Node } from "libpg-query";

import { holds, textsOf, walk } from "./tree.ts";

/** Functions by their names, as PostgreSQL declares all of a name. */
export interface Functions {
  volatile: ReadonlySet<string>;
  /** Not immutable: `stable` and `volatile`. */
  notImmutable: ReadonlySet<string>;
}

// `CURRENT_TIMESTAMP` and its like.
const SESSION_VALUE = "SQLValueFunction";

/** What in the parts of an UPDATE or DELETE the machine that runs it could not compute once for all. */
export function findChanging(parts: readonly unknown[], { volatile, notImmutable }: Functions): string[] {
  const found: string[] = [];
  const look = (value: unknown, within: string | null) =>
    walk(value, (kind, held) => {
      if (kind === "CaseExpr" || kind === "CoalesceExpr") {
        look(held, within ?? (kind === "CaseExpr" ? "CASE" : "COALESCE"));
        return false;
      }
      if (kind === SESSION_VALUE && within !== null) found.push(`a value of the session in ${within}`);
      if (kind !== "FuncCall") return true;
      const name = nameOf(held);
      if (volatile.has(name)) found.push(`${name}() is volatile`);
      else if (!notImmutable.has(name)) return true;
      else if (within !== null) found.push(`${name}() in ${within} is not immutable`);
      else if (holds(held, ["ColumnRef"])) found.push(`${name}() of a column is not immutable`);
      return true;
    });
  for (const part of parts) look(part, null);
  return found;
}

/** What in the SET list of ON CONFLICT DO UPDATE is not immutable. */
export function findNotImmutable(assignments: unknown, { notImmutable }: Functions): string[] {
  const found: string[] = [];
  walk(assignments, (kind, held) => {
    if (kind === SESSION_VALUE) found.push("a value of the session");
    if (kind === "FuncCall" && notImmutable.has(nameOf(held))) found.push(`${nameOf(held)}() is not immutable`);
    return true;
  });
  return found;
}

function nameOf(call: { funcname?: Node[] }): string {
  return textsOf(call.funcname).at(-1) ?? "";
}
