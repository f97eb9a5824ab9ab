// A file may use keys as data, each one different: past this many they are counted, not remembered.
const REMEMBERED_PATHS = 1000;
const LISTED_NOTES = 20;
const NOTE_LENGTH = 200;

/** What readers leave out or repair without refusing the record, counted while a file is read and said once at its end. */
export class ReadingNotes {
  /** Whether what cannot be stored as it is gets repaired, instead of refusing the record. */
  readonly repair: boolean;
  /** Whether the branches of a conversation that were not shown are conversations of their own, instead of counted. */
  readonly allBranches: boolean;
  readonly #counts = new Map<string, number>();
  #others = 0;
  #repaired = 0;

  constructor({ repair = false, allBranches = false }: { repair?: boolean; allBranches?: boolean } = {}) {
    this.repair = repair;
    this.allBranches = allBranches;
  }

  /** Counts a field that the format does not know, by its path with array positions blanked: `turns[].foo`. */
  countUnknownField(path: string): void {
    this.#count(`unknown field ${path.replaceAll(/\[\d+\]/g, "[]")}`);
  }

  /** Counts a metadata entry that cannot be kept, and why. */
  countLeftOutMetadata(key: string, reason: string): void {
    this.#count(`metadata ${JSON.stringify(key)} (${reason})`);
  }

  /** Counts something that has no place in a conversation here, by what it is. */
  countLeftOut(what: string): void {
    this.#count(what);
  }

  /** Counts a character that cannot be stored and was replaced. */
  countRepaired(): void {
    this.#repaired += 1;
  }

  /** One line for each kind of thing left out, the most frequent first, after one for what was repaired; empty when nothing was. */
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
