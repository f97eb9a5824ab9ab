import { type SQL, sql } from "drizzle-orm";

/** What a caller may see, and under which project and user it writes. Every statement of the store takes one. */
export interface Scope {
  /** The project that the caller's key opens. */
  projectId: string;
  /** Narrows to the conversations of one user; null reads the whole project and writes under no user. */
  isolationKey: string | null;
}

// Counts of a whole project stand under no user, as those of a user stand under that one.
const EVERY_USER = "";

/**
 * The condition under which the caller sees the conversation behind the alias: its row in `conversations` or in
 * `conversation_heads`, which both carry project and user. Of `conversation_counts` (`n`), the rows that count what the
 * caller sees. The one place where scope becomes SQL.
 */
export function isVisible(scope: Scope, alias: "c" | "h" | "n"): SQL {
  const table = sql.raw(alias);
  const inProject = sql`${table}.project_id = ${scope.projectId}`;
  const isolationKey = scope.isolationKey ?? (alias === "n" ? EVERY_USER : null);
  return isolationKey === null ? inProject : sql`${inProject} AND ${table}.isolation_key = ${isolationKey}`;
}

/**
 * The same of a conversation of the scope's project that was read for several callers at once, by the user that it is stored
 * under. The one place where scope is asked outside SQL.
 */
export function sees({ isolationKey }: Scope, user: string | null): boolean {
  return isolationKey === null || isolationKey === user;
}
