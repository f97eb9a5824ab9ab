import type { ImportResult } from "../store/write/import-conversation.ts";

/** What an import did so far. */
export class ImportTally {
  #conversations = 0;
  #turns = 0;
  #fragments = 0;
  #skipped = 0;
  #refused = 0;

  /** Counts one record: what was written of it, the error that kept it out, or that it is known and was left alone. */
  count(outcome: ImportResult | Error | "known"): void {
    if (outcome instanceof Error) this.#refused += 1;
    else if (outcome === "known" || outcome.outcome === "unchanged") this.#skipped += 1;
    else {
      this.#conversations += 1;
      this.#turns += outcome.turns;
      this.#fragments += outcome.fragments;
    }
  }

  /** How many records were dealt with, in whatever way. */
  get records(): number {
    return this.#conversations + this.#skipped + this.#refused;
  }

  /** How many records (or inputs) could not be taken in. */
  get refused(): number {
    return this.#refused;
  }

  /** The summary line. */
  summary(): string {
    const written = `${this.#conversations} conversations, ${this.#turns} turns, ${this.#fragments} fragments`;
    return `imported ${written} (${this.#skipped} skipped)`;
  }
}
