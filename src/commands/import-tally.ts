import type { ImportResult } from "../store/write/import-conversation.ts";

/** Counts the outcomes of an import. */
export class ImportTally {
  #conversations = 0;
  #turns = 0;
  #fragments = 0;
  #skipped = 0;
  #refused = 0;

  /** Counts one record: what was written of it, the error that kept it out, or `known` for one that was left alone. */
  count(outcome: ImportResult | Error | "known"): void {
    if (outcome instanceof Error) this.#refused += 1;
    else if (outcome === "known" || outcome.outcome === "unchanged") this.#skipped += 1;
    else {
      this.#conversations += 1;
      this.#turns += outcome.turns;
      this.#fragments += outcome.fragments;
    }
  }

  /** The number of records so far, whatever their outcome. */
  get records(): number {
    return this.#conversations + this.#skipped + this.#refused;
  }

  /** The number of refused records and inputs. */
  get refused(): number {
    return this.#refused;
  }

  /** The summary line. */
  summary(): string {
    const written = `${this.#conversations} conversations, ${this.#turns} turns, ${this.#fragments} fragments`;
    return `imported ${written} (${this.#skipped} skipped)`;
  }
}
