import type { Node } from "libpg-query";

import { as, textsOf } from "./tree.ts";

/** A table in the FROM of a query. */
interface Range {
  table: string;
  /** The name that it has in the query. */
  alias: string;
}

/** The FROM and the conditions of one level of a query. */
interface Level {
  from: readonly Node[];
  where: Node | undefined;
}

/** The tables among `tables` that the level reads without a condition of its own that binds their `project_id` to a value. */
export function findUnbound(level: Level, tables: ReadonlySet<string>): string[] {
  const ranges: Range[] = [];
  const conditions: Node[] = [];
  const addCondition = (condition: Node | undefined) => {
    const both = as("BoolExpr", condition);
    if (both?.boolop === "AND_EXPR") for (const part of both.args ?? []) addCondition(part);
    else if (condition !== undefined) conditions.push(condition);
  };
  let others = 0;
  const addFrom = (item: Node | undefined) => {
    const joined = as("JoinExpr", item);
    const range = as("RangeVar", item);
    if (joined !== undefined) {
      addFrom(joined.larg);
      addFrom(joined.rarg);
      addCondition(joined.quals);
    } else if (range?.relname !== undefined && tables.has(range.relname)) {
      ranges.push({ table: range.relname, alias: range.alias?.aliasname ?? range.relname });
    } else if (item !== undefined) others += 1;
  };
  for (const item of level.from) addFrom(item);
  addCondition(level.where);
  const bound = new Set(conditions.flatMap(boundAlias));
  // A column without a table's name is of the only table there is.
  const isAlone = ranges.length + others === 1 && bound.has("");
  return ranges.filter(({ alias }) => !bound.has(alias) && !isAlone).map(({ table, alias }) => `${table} ${alias}`);
}

/** The alias whose `project_id` the condition binds to a value, empty where it names none; nothing for any other condition. */
function boundAlias(condition: Node): string[] {
  const compared = as("A_Expr", condition);
  if (compared?.kind !== "AEXPR_OP" || textsOf(compared.name).join() !== "=") return [];
  for (const [one, other] of [
    [compared.lexpr, compared.rexpr],
    [compared.rexpr, compared.lexpr],
  ]) {
    const names = textsOf(as("ColumnRef", one)?.fields);
    if (names.at(-1) === "project_id" && isValue(other)) return [names.at(-2) ?? ""];
  }
  return [];
}

/** Whether the expression is a parameter or a constant. */
function isValue(node: Node | undefined): boolean {
  const cast = as("TypeCast", node);
  if (cast !== undefined) return isValue(cast.arg);
  return as("ParamRef", node) !== undefined || as("A_Const", node) !== undefined;
}
