import { sql } from "drizzle-orm";
import { boolean, check, pgTable, text } from "drizzle-orm/pg-core";

import { identifier, instant, literals } from "./columns.ts";

/** A backend's key reads its whole project; one for front ends reads one user's conversations at a time. */
export const KEY_ACCESS = ["project", "user"] as const;

/** A tenant: one per group of keys. Leads every key and index, so that rows can be distributed by project. */
export const projects = pgTable(
  "projects",
  {
    id: identifier().primaryKey(),
    createdAt: instant("created_at").notNull().default(sql`now()`),
  },
  (table) => [check("projects_id_check", sql`${table.id} ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'`)],
);

/** The keys of callers. A revoked one is kept, as the server is open only until the first key exists. */
export const keys = pgTable(
  "keys",
  {
    id: identifier().primaryKey(),
    projectId: identifier("project_id")
      .notNull()
      .references(() => projects.id),
    access: text({ enum: KEY_ACCESS }).notNull(),
    /** SHA-256 of the key, in base64url. A key is 256 random bits: nothing slower is needed to keep it from being guessed. */
    hash: identifier().notNull().unique("keys_hash_key"),
    note: text(),
    /** The one user of a user key that is bound to one; null where the header names the user. */
    isolationKey: identifier("isolation_key"),
    readOnly: boolean("read_only").notNull().default(false),
    createdAt: instant("created_at").notNull().default(sql`now()`),
    expiresAt: instant("expires_at"),
    /** The beginning of the hour; an earlier use is not kept. */
    lastUsedAt: instant("last_used_at"),
    /** The id of the key that was made to take the place of this one. */
    replacedBy: identifier("replaced_by"),
    revokedAt: instant("revoked_at"),
  },
  (table) => [
    check("keys_access_check", sql`${table.access} IN (${literals(KEY_ACCESS)})`),
    check(
      "keys_isolation_key_check",
      sql`${table.isolationKey} IS NULL OR (${table.access} = 'user' AND octet_length(${table.isolationKey}) BETWEEN 1 AND 256)`,
    ),
    check("keys_hash_check", sql`${table.hash} ~ '^[A-Za-z0-9_-]{43}$'`),
  ],
);

/** What is done once in a database's life, however often a server starts on it. */
export const milestones = pgTable("milestones", {
  name: text().primaryKey(),
  /** How far it has come; null for what is done. */
  reached: text(),
});
