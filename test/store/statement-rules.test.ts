import { loadModule } from "libpg-query";
import { beforeAll, describe, expect, it } from "vitest";

import { findBreaches, type Schema } from "../harness/statements/rules.ts";

const SCHEMA: Schema = {
  projectTables: new Set(["turns", "items", "conversations"]),
  functions: {
    volatile: new Set(["clock_timestamp", "random"]),
    notImmutable: new Set(["clock_timestamp", "random", "now", "to_json"]),
  },
  instants: new Set(["created_at"]),
};

const breaches = (text: string) => findBreaches(text, SCHEMA).map(({ rule, where }) => `${rule}: ${where}`);

beforeAll(loadModule);

describe("a statement that keeps the rules", () => {
  it.each([
    "SELECT 1",
    "SELECT p.id FROM projects p",
    'SELECT id FROM "turns" t WHERE t.project_id = $1',
    "SELECT id FROM turns WHERE project_id = $1::text AND id = $2",
    "SELECT t.id FROM turns t WHERE (t.id = $2 AND 'default' = t.project_id)",
    "SELECT 1 FROM conversations c JOIN turns t ON t.project_id = $1 AND t.id = c.id WHERE c.project_id = $1",
    "SELECT 1 FROM conversations c LEFT JOIN turns t USING (project_id) WHERE c.project_id = $1 AND t.project_id = $1",
    "WITH turns AS (SELECT 1 AS one) SELECT one FROM turns",
    "SELECT (SELECT count(*) FROM turns t WHERE t.project_id = $1 AND t.id = c.id) FROM conversations c WHERE c.project_id = $1",
    "UPDATE turns t SET at = now(), state = CASE WHEN t.state = 'a' THEN lower($2) END WHERE t.project_id = $1 RETURNING id",
    "DELETE FROM turns t USING items i WHERE t.project_id = $1 AND i.project_id = $1 AND i.id = t.id",
    "INSERT INTO turns (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = excluded.id || lower('A') RETURNING id",
    "INSERT INTO turns AS made (id) SELECT i.id FROM items i WHERE i.project_id = $1 RETURNING made.id",
    "INSERT INTO turns (id) SELECT g.id FROM items i, json_to_recordset($1) AS g (id text) WHERE i.project_id = $1",
    "INSERT INTO projects (id) SELECT $1 RETURNING id",
    "SELECT (extract(epoch FROM created_at) * 1000)::bigint, max(created_at), created_at::timestamptz FROM keys",
    "SELECT to_json(k.created_at AT TIME ZONE 'UTC')::text, date_trunc('day', created_at, 'UTC') FROM keys k",
    "WITH gone AS (DELETE FROM turns WHERE project_id = $1 RETURNING id) SELECT id FROM gone",
  ])("%s", (text) => {
    expect(breaches(text)).toEqual([]);
  });
});

describe("a table that is not bound to a project by itself is found", () => {
  it.each([
    ["in a list", "SELECT id FROM turns", "turns turns"],
    [
      "by another's column",
      "SELECT 1 FROM turns t JOIN items i ON i.project_id = t.project_id WHERE t.project_id = $1",
      "items i",
    ],
    ["by USING", "SELECT 1 FROM turns t JOIN items i USING (project_id) WHERE t.project_id = $1", "items i"],
    ["by a column of neither's name", "SELECT 1 FROM turns, items WHERE project_id = $1", "turns turns", "items items"],
    ["by OR", "SELECT 1 FROM turns t WHERE t.project_id = $1 OR true", "turns t"],
    ["by another comparison", "SELECT 1 FROM turns t WHERE t.project_id >= $1", "turns t"],
    ["by a subselect", "SELECT 1 FROM turns t WHERE t.project_id = (SELECT $1)", "turns t"],
    [
      "in a subselect of the list",
      "SELECT (SELECT count(*) FROM turns t WHERE t.id = c.id) FROM conversations c WHERE c.project_id = $1",
      "turns t",
    ],
    ["in a condition", "SELECT 1 FROM projects WHERE EXISTS (SELECT 1 FROM turns)", "turns turns"],
    [
      "in a LATERAL",
      "SELECT 1 FROM conversations c CROSS JOIN LATERAL (SELECT 1 FROM turns t WHERE t.project_id = c.project_id) AS l WHERE c.project_id = $1",
      "turns t",
    ],
    ["in a CTE", "WITH found AS (SELECT 1 FROM turns) SELECT 1 FROM found", "turns turns"],
    [
      "in a branch of a UNION",
      "SELECT id FROM turns WHERE project_id = $1 UNION ALL (SELECT id FROM items LIMIT 1)",
      "items items",
    ],
    [
      "in FROM of an UPDATE",
      "UPDATE turns t SET a = 1 FROM items i WHERE t.project_id = $1 AND i.id = t.id",
      "items i",
    ],
    ["in an UPDATE", "UPDATE turns SET a = 1 WHERE id = $1", "turns turns"],
    ["in USING of a DELETE", "DELETE FROM turns t USING items i WHERE t.project_id = $1", "items i"],
    ["in a DELETE", "DELETE FROM turns", "turns turns"],
    ["in what is inserted", "INSERT INTO turns (id) SELECT i.id FROM items i", "items i"],
    ["in what is copied", "COPY (SELECT 1 FROM turns) TO STDOUT", "turns turns"],
  ])("%s", (_where, text, ...tables) => {
    expect(breaches(text)).toEqual(tables.map((table) => `bound-by-project: ${table}`));
  });
});

describe("what a distributed table does not take is found:", () => {
  it.each([
    ["WITH made AS (INSERT INTO turns (id) VALUES ($1) RETURNING id) SELECT id FROM made", "insert-in-with: made"],
    ["INSERT INTO turns (id) SELECT $1", "insert-select-source: turns"],
    ["INSERT INTO turns (id) SELECT g.id FROM json_to_recordset($1) AS g (id text)", "insert-select-source: turns"],
    [
      "INSERT INTO turns (id) SELECT i.id FROM items i WHERE i.project_id = $1 RETURNING id",
      "insert-select-alias: turns",
    ],
    ["INSERT INTO keys (id) SELECT $2 FROM keys WHERE id = $1 RETURNING id", "insert-select-alias: keys"],
    [
      "UPDATE turns SET at = clock_timestamp() WHERE project_id = $1",
      "changing-function: clock_timestamp() is volatile",
    ],
    ["DELETE FROM turns WHERE project_id = $1 AND random() > 0.5", "changing-function: random() is volatile"],
    [
      "UPDATE turns SET at = coalesce($2, now()) WHERE project_id = $1",
      "changing-function: now() in COALESCE is not immutable",
    ],
    [
      "UPDATE turns SET at = CASE WHEN a THEN CURRENT_TIMESTAMP END WHERE project_id = $1",
      "changing-function: a value of the session in CASE",
    ],
    ["UPDATE keys SET at = coalesce(at, now()) WHERE id = $1", "changing-function: now() in COALESCE is not immutable"],
    [
      "UPDATE turns SET a = to_json(a) WHERE project_id = $1",
      "changing-function: to_json() of a column is not immutable",
    ],
    [
      "INSERT INTO turns (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET at = now()",
      "changing-function: now() is not immutable",
    ],
    ["SELECT FROM turns WHERE project_id = $1", "no-columns: SELECT"],
    ["SELECT 1 WHERE EXISTS (SELECT FROM turns WHERE project_id = $1)", "no-columns: SELECT"],
  ])("%s", (text, breach) => {
    expect(breaches(text)).toEqual([breach]);
  });
});

describe("what the session's settings spell, or take for another day, is found:", () => {
  it.each([
    ["SELECT k.created_at::text FROM keys k", "an instant as text"],
    ["SELECT created_at::date AS day FROM keys", "an instant as date"],
    ["SELECT 1 WHERE EXISTS (SELECT 1 FROM keys WHERE cast(created_at AS timestamp) < $1)", "an instant as timestamp"],
    ["SELECT json_agg(created_at) FROM keys", "json_agg() of an instant"],
    ["SELECT concat_ws(' ', id, k.created_at) FROM keys k", "concat_ws() of an instant"],
    ["SELECT extract(hour FROM created_at) FROM keys", "extract() of an instant"],
    ["UPDATE keys SET at = date_trunc('hour', now())", "date_trunc() without a zone"],
    ["SELECT 1 FROM keys WHERE created_at < CURRENT_DATE", "SVFOP_CURRENT_DATE"],
  ])("%s", (text, where) => {
    expect(breaches(text)).toEqual([`session-text: ${where}`]);
  });
});
