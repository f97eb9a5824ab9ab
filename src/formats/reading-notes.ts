// A file may use keys as data, each of them different: beyond this number they are only counted.
const REMEMBERED_PATHS = 1000;
const LISTED_NOTES = 20;
const NOTE_LENGTH = 200;

/** Counts what readers leave out or repair without refusing the record; printed once at the end of a file. */
export class ReadingNotes {
  /** Whether to repair text that cannot be stored, instead of refusing the record. */
  readonly repair: boolean;
  /** Whether branches that were not shown become conversations of their own, instead of being counted. */
  readonly allBranches: boolean;
  readonly #counts = new Map<string, number>();
  #others = 0;
  #repaired = 0;

  constructor({ repair = false, allBranches = false }: { repair?: boolean; allBranches?: boolean } = {}) {
    this.repair = repair;
    this.allBranches = allBranches;
  }

  /** Counts a field that the format does not know, by its path without array positions: `turns[].foo`. */
  countUnknownField(path: string): void {
    this.#count(`unknown field ${path.replaceAll(/\[\d+\]/g, "[]")}`);
  }

  /** Counts a metadata entry that cannot be kept, with the reason. */
  countLeftOutMetadata(key: string, reason: string): void {
    this.#count(`metadata ${JSON.stringify(key)} (${reason})`);
  }

  /** Counts something that conversations here have no place for, by its kind. */
  countLeftOut(what: string): void {
    this.#count(what);
  }

  /** Counts a character that was replaced because it cannot be stored. */
  countRepaired(): void {
    this.#repaired += 1;
  }

  /**
   * One line for the repairs, then one for each kind of thing left out, the most frequent first; empty when there is
   * nothing to say.
   */
  lines(): string[] {
    const repaired = `repaired: NUL or half of a surrogate pair, now U+FFFD, ${times(this.#repaired)}`;
    return [...(this.#repaired === 0 ? [] : [repaired]), ...this.#leftOut()];
  }

  #leftOut(): string[] {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    const listed = sorted.slice(0, LISTED_NOTES).map(([what, count]) => `left out: ${what}, ${times(count)}`);
    const rest = sorted.slice(LISTED_NOTES).reduce((sum, [, count]) => sum + count, this.#others);
    return rest === 0 ? listed : [...listed, `left out: other fields, ${times(rest)}`];
  }

  #count(note: string): void {
    const what = note.slice(0, NOTE_LENGTH);
    const count = this.#counts.get(what);
    if (count === undefined && this.#counts.size >= REMEMBERED_PATHS) this.#others += 1;
    else this.#counts.set(what, (count ?? 0) + 1);
  }
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
