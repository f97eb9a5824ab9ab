import { Gauge, type Registry } from "prom-client";

import type { Database } from "../../store/database/client.ts";
import { readStoredFigures, type StoredFigures } from "../../store/read/stored-figures.ts";

// Several collectors at once cost one read.
const MAX_AGE_MS = 10_000;

const MEASURES: [name: string, help: string, measure: (figures: StoredFigures) => number | null][] = [
  [
    "conversations",
    "Conversations of all projects: counted up to 1,000, beyond that as PostgreSQL estimates them.",
    (found) => found.conversations,
  ],
  [
    "turns",
    "Turns of all projects: counted up to 1,000, beyond that as PostgreSQL estimates them.",
    (found) => found.turns,
  ],
  ["turns_in_progress", "Turns in progress.", (found) => found.openTurns],
  [
    "oldest_turn_in_progress_timestamp_seconds",
    "When the oldest turn in progress began, in seconds since 1970; missing while there is none.",
    (found) => inSeconds(found.oldestOpenTurn),
  ],
  [
    "last_append_timestamp_seconds",
    "When a turn was last appended or changed, through any server, in seconds since 1970; missing before the first.",
    (found) => inSeconds(found.lastAppend),
  ],
];

/**
 * Gauges of what is stored, the same on every server of a database. Reading them waits for no database: they show what the last
 * look found, and begin the next look, so that nothing is read where nothing collects. They are missing until the first
 * look has ended, and while the database cannot be read: an old figure would hide that.
 */
export function measureStored(database: Database, registers: Registry[]): void {
  let figures: StoredFigures | null = null;
  let lookedAt = -MAX_AGE_MS;
  const look = () => {
    if (performance.now() - lookedAt < MAX_AGE_MS) return;
    lookedAt = performance.now();
    readStoredFigures(database).then(
      (found) => {
        figures = found;
      },
      () => {
        figures = null;
      },
    );
  };
  for (const [name, help, measure] of MEASURES) {
    new Gauge({
      name: `conversation_graph_${name}`,
      help,
      // Every worker sees the same tables: the latest look holds for all.
      aggregator: "max",
      registers,
      collect() {
        look();
        const value = figures === null ? null : measure(figures);
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  }
}

function inSeconds(instant: Date | null): number | null {
  return instant === null ? null : instant.getTime() / 1000;
}
