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
    author: "store/read/stored-figures.ts",
    rules: ["bound-by-project"],
    reason: "operators watch all projects together",
  },
];

/** Files whose statements do not keep the rules yet. */
const PENDING: readonly string[] = [
  "store/write/append-text.ts",
  "store/write/append-turn.ts",
  "store/write/conversation.ts",
  "store/write/update-turn.ts",
];

/** Whether statements of the author may break the rule. */
export function isExempt(author: string, rule: Rule): boolean {
  return PENDING.includes(author) || EXEMPT.some((one) => one.author === author && one.rules.includes(rule));
}
