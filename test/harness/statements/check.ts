import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { loadModule } from "libpg-query";
import { inject } from "vitest";

import { BACKUP_TABLES } from "../../../src/store/backup/backup-tables.ts";
import { isExempt } from "./exempt.ts";
import { observeStatements, type SeenStatement } from "./observe.ts";
import { RECORD_IN } from "./recording.ts";
import { findBreaches, type Schema } from "./rules.ts";

/** Tables that are not spread: projects are on every machine, keys and milestones on one. */
const NOT_SPREAD = ["projects", "keys", "milestones"];

const { volatile, notImmutable } = inject("functions");
const schema: Schema = {
  projectTables: new Set(BACKUP_TABLES.filter((table) => !NOT_SPREAD.includes(table))),
  functions: { volatile: new Set(volatile), notImmutable: new Set(notImmutable) },
  instants: new Set(inject("instants")),
};

const seen: SeenStatement[] = [];
const checked = new Set<string>();
let bytesRead = 0;

const recorded = join(inject("recordFolder"), String(process.pid));
process.env[RECORD_IN] = recorded;
observeStatements((statement) => seen.push(statement));
await loadModule();

/** The statements since the last call, of this process and of those that its tests started. */
export function takeStatements(): SeenStatement[] {
  return [...seen.splice(0), ...readRecorded()];
}

/** Those of them that break a rule, as text. */
export function checkStatements(): string[] {
  return takeStatements().flatMap(({ text, author }) => {
    // No rule is about a number, and parsing takes milliseconds.
    const shape = text.replaceAll(/\d+/g, "0");
    if (checked.has(shape)) return [];
    checked.add(shape);
    const breaches = findBreaches(text, schema).filter(({ rule }) => !isExempt(author, rule));
    const broken = [...new Set(breaches.map(({ rule, where }) => `${rule} (${where})`))];
    return broken.length === 0 ? [] : [`${author} breaks ${broken.join(", ")}: ${text}`];
  });
}

function readRecorded(): SeenStatement[] {
  if (!existsSync(recorded)) return [];
  const lines = readFileSync(recorded).subarray(bytesRead);
  const end = lines.lastIndexOf("\n") + 1;
  bytesRead += end;
  return lines
    .toString("utf8", 0, end)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
