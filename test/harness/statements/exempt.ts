import type { Rule } from "./rules.ts";

/** Statements that may break a rule, by the file of `src` that asks for them. */
interface Exempt {
  author: string;
  rules: readonly Rule[];
  reason: string;
}

const EXEMPT: readonly Exempt[] = [
  {
    author: "store/schema/migrate.ts",
    rules: ["bound-by-project", "changing-function", "insert-select-source"],
    reason: "migrations change the rows of every project",
  },
  {
    author: "store/backup/restore-backup.ts",
    rules: ["bound-by-project"],
    reason: "a backup is restored where no project has a row",
  },
  {
    author: "store/distributed/one-snapshot.ts",
    rules: ["bound-by-project"],
    reason: "a backup reads every machine",
  },
  {
    author: "store/write/append-turn.ts",
    rules: ["insert-in-with"],
    reason: "where tables are distributed append-apart.ts takes its place",
  },
  {
    author: "store/write/append-text.ts",
    rules: ["insert-in-with"],
    reason: "where tables are distributed append-text-apart.ts takes its place",
  },
  {
    author: "store/write/conversation.ts",
    rules: ["insert-select-source"],
    reason: "more rows than VALUES has parameters for, as of an import, which Citus takes through the coordinator",
  },
  {
    author: "store/write/write-items.ts",
    rules: ["insert-select-source"],
    reason: "as above, for a call that begins more than fifty turns",
  },
  {
    author: "store/read/has-conversations.ts",
    rules: ["bound-by-project"],
    reason: "samples are for a database without any conversation",
  },
  {
    author: "store/read/stored-figures.ts",
    rules: ["bound-by-project"],
    reason: "operators watch all projects together",
  },
];

/** Whether statements of the author may break the rule. */
export function isExempt(author: string, rule: Rule): boolean {
  return EXEMPT.some((one) => one.author === author && one.rules.includes(rule));
}
