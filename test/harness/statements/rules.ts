import { type Node, parseSync } from "libpg-query";

import { findUnbound } from "./bound-by-project.ts";
import { type Functions, findChanging, findNotImmutable } from "./changing-functions.ts";
import { findSessionText } from "./session-text.ts";
import { as, type Fields, holds, walk } from "./tree.ts";

/** What the rules are about. */
export interface Schema {
  /** The tables that are spread over machines by their `project_id`. */
  projectTables: ReadonlySet<string>;
  functions: Functions;
  /** The columns of type timestamptz, of all tables. */
  instants: ReadonlySet<string>;
}

/** The rules, as design and documents state them, by the names that a failure gives them. */
export type Rule =
  | "bound-by-project"
  | "insert-in-with"
  | "insert-select-source"
  | "insert-select-alias"
  | "changing-function"
  | "no-columns"
  | "session-text";

/** A rule that a statement breaks, and where. */
export interface Breach {
  rule: Rule;
  where: string;
}

/** The rules that the text of the statement breaks. `loadModule` of `libpg-query` has to have been awaited. Throws for what is no SQL. */
export function findBreaches(text: string, schema: Schema): Breach[] {
  const found: Breach[] = [];
  const breach = (rule: Rule, where: string) => void found.push({ rule, where });

  const visit = (value: unknown, names: ReadonlySet<string>) =>
    walk(value, (name, held) => {
      // What is under one of these names is a statement.
      if (name === "SelectStmt") select(held, names);
      else if (name === "UpdateStmt") update(held, names);
      else if (name === "DeleteStmt") remove(held, names);
      else if (name === "InsertStmt") insert(held, names);
      else return true;
      return false;
    });
  /** What the query's CTEs leave of the names of tables. */
  const without = (withClause: Fields<"SelectStmt">["withClause"], names: ReadonlySet<string>) => {
    const left = new Set(names);
    for (const cte of withClause?.ctes ?? []) {
      const { ctename = "", ctequery } = as("CommonTableExpr", cte) ?? {};
      if (as("InsertStmt", ctequery) !== undefined) breach("insert-in-with", ctename);
      left.delete(ctename);
    }
    return left;
  };
  const bind = (from: readonly (Node | undefined)[], where: Node | undefined, names: ReadonlySet<string>) => {
    const items = from.filter((item) => item !== undefined);
    for (const table of findUnbound({ from: items, where }, names)) breach("bound-by-project", table);
  };
  const select = (query: Fields<"SelectStmt">, names: ReadonlySet<string>) => {
    const { larg, rarg, ...rest } = query;
    const left = without(query.withClause, names);
    visit(rest, left);
    if (larg !== undefined) select(larg, left);
    if (rarg !== undefined) select(rarg, left);
    if (query.op !== "SETOP_NONE" || query.valuesLists !== undefined) return;
    if (query.targetList === undefined) breach("no-columns", "SELECT");
    bind(query.fromClause ?? [], query.whereClause, left);
  };
  const update = (query: Fields<"UpdateStmt">, names: ReadonlySet<string>) => {
    const left = without(query.withClause, names);
    visit(query, left);
    bind([toNode(query.relation), ...(query.fromClause ?? [])], query.whereClause, left);
    changing([query.targetList, query.whereClause, query.fromClause]);
  };
  const remove = (query: Fields<"DeleteStmt">, names: ReadonlySet<string>) => {
    const left = without(query.withClause, names);
    visit(query, left);
    bind([toNode(query.relation), ...(query.usingClause ?? [])], query.whereClause, left);
    changing([query.whereClause, query.usingClause]);
  };
  // Of every table, as are the aliases below: Citus takes over those that refer to one which it copies to all machines.
  const changing = (parts: readonly unknown[]) => {
    for (const where of findChanging(parts, schema.functions)) breach("changing-function", where);
  };
  const insert = (query: Fields<"InsertStmt">, names: ReadonlySet<string>) => {
    const left = without(query.withClause, names);
    visit(query, left);
    const table = query.relation?.relname ?? "";
    const source = as("SelectStmt", query.selectStmt);
    const { whereClause: _where, targetList: _list, ...from } = source ?? {};
    const reads = holds(from, ["RangeVar"]);
    if (reads && query.returningClause !== undefined && query.relation?.alias === undefined)
      breach("insert-select-alias", table);
    if (!isOfProject(query.relation)) return;
    for (const where of findNotImmutable(query.onConflictClause?.targetList, schema.functions)) {
      breach("changing-function", where);
    }
    if (source !== undefined && source.valuesLists === undefined && !reads) breach("insert-select-source", table);
  };
  const isOfProject = (relation: Fields<"RangeVar"> | undefined) => schema.projectTables.has(relation?.relname ?? "");

  const { stmts } = parseSync(text);
  for (const where of findSessionText(stmts, schema.instants)) breach("session-text", where);
  visit(stmts, schema.projectTables);
  return found;
}

function toNode(range: Fields<"RangeVar"> | undefined): Node | undefined {
  return range === undefined ? undefined : { RangeVar: range };
}
