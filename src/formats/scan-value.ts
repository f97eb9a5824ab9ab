import { Gathered } from "./gathered.ts";
import { StringEnds } from "./string-end.ts";

/** A finding in the text of a JSON value, in order. */
export type ScanEvent =
  /** The beginning of the list whose elements follow one by one: the value itself (key ""), or one of its fields. */
  | { kind: "list"; key: string }
  /** The text of the list's next element, its first line and its last. */
  | { kind: "element"; bytes: Buffer; line: number; lastLine: number }
  /**
   * The end of the value: its text without the list's elements, its first line and its last, and the bytes after it.
   */
  | { kind: "end"; bytes: Buffer; line: number; lastLine: number; rest: Buffer }
  /** A fault after which the text cannot be read. */
  | { kind: "fault"; problem: string };

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/**
 * Finds the elements of a large JSON array, in chunks of any size: the value itself, or an array in one of its fields
 * with the given names. Looks at brackets, commas and quotes only, so that an invalid element (a `NaN` in it) costs no
 * other; the text of an element is left to a parser. Holds one element at a time.
 */
export class ValueScanner {
  readonly #listKeys: readonly string[];
  readonly #firstLine: number;
  readonly #strings = new StringEnds();
  /** The part of the value outside the elements, and the part of the current element so far. */
  readonly #head = new Gathered();
  readonly #element = new Gathered();
  readonly #name = new Gathered();
  /** The closing brackets still to come. */
  readonly #closers: number[] = [];
  #line: number;
  #elementLine = 0;
  #elements = 0;
  #isInString = false;
  #isInName = false;
  /** The name of the value's current field. */
  #key = "";
  /** The number of brackets around the list's elements; 0 before the list, Infinity after it. */
  #listDepth = 0;
  /** The last byte that is no white space; in a string, its opening quote. */
  #last = 0;

  constructor(listKeys: readonly string[], line: number) {
    this.#listKeys = listKeys;
    this.#firstLine = line;
    this.#line = line;
  }

  /** The line of the last bytes. */
  get line(): number {
    return this.#line;
  }

  /**
   * The findings in the next bytes; not to be called after an end or a fault. Throws InputError for an element that is
   * too large.
   */
  scan(chunk: Buffer): ScanEvent[] {
    const events: ScanEvent[] = [];
    let from = 0;
    let nameFrom = 0;
    this.#strings.setChunk(chunk);
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#isInString) {
        at = this.#strings.find(at);
        if (at < 0) return [...events, fault("a text does not end in its line")];
        if (this.#isInName) this.#name.add(chunk.subarray(nameFrom, at), this.#line);
        if (at === chunk.length) break;
        if (this.#isInName) this.#key = this.#name.take().toString();
        this.#isInString = false;
        this.#isInName = false;
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (byte === LINE_FEED) this.#line += 1;
      // White space; other control characters are left to the parser.
      if (byte <= SPACE) continue;
      if (byte === QUOTE) {
        this.#isInString = true;
        this.#isInName = this.#isNameNext();
        nameFrom = at + 1;
      } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
        if (!this.#mayOpen()) return [...events, fault(`a comma is missing before ${String.fromCharCode(byte)}`)];
        this.#closers.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
        if (this.#isListNext(byte)) {
          this.#head.add(chunk.subarray(from, at + 1), this.#line);
          from = at + 1;
          this.#listDepth = this.#closers.length;
          this.#elementLine = this.#line;
          events.push({ kind: "list", key: this.#key });
        }
      } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
        if (this.#closers.length === this.#listDepth && byte === CLOSE_BRACKET) {
          events.push(...this.#endElement(chunk.subarray(from, at), true));
          from = at;
          this.#listDepth = Number.POSITIVE_INFINITY;
        }
        if (this.#closers.pop() !== byte) return [...events, fault(`${String.fromCharCode(byte)} is unexpected`)];
        if (this.#closers.length === 0) return [...events, this.#end(chunk, from, at + 1)];
      } else if (byte === COMMA && this.#closers.length === this.#listDepth) {
        events.push(...this.#endElement(chunk.subarray(from, at), false));
        from = at + 1;
      }
      this.#last = byte;
    }
    this.#gatherRest(chunk.subarray(from));
    return events;
  }

  #isNameNext(): boolean {
    const isInValue = this.#listDepth === 0 && this.#closers.length === 1 && this.#closers[0] === CLOSE_BRACE;
    return isInValue && (this.#last === COMMA || this.#last === OPEN_BRACE);
  }

  #mayOpen(): boolean {
    return this.#last === COMMA || this.#last === COLON || this.#last === OPEN_BRACKET || this.#last === 0;
  }

  /** Whether the bracket that was just opened begins the list. */
  #isListNext(byte: number): boolean {
    if (this.#listDepth !== 0 || byte !== OPEN_BRACKET) return false;
    const depth = this.#closers.length;
    return depth === 1 || (depth === 2 && this.#closers[0] === CLOSE_BRACE && this.#listKeys.includes(this.#key));
  }

  #endElement(bytes: Buffer, isLast: boolean): ScanEvent[] {
    this.#element.add(bytes, this.#elementLine);
    const lines = { line: this.#elementLine, lastLine: this.#line };
    const element: ScanEvent = { kind: "element", bytes: this.#element.take(), ...lines };
    this.#elementLine = this.#line;
    // An empty list has nothing between its brackets, while after a comma an element is missing.
    if (isLast && this.#elements === 0 && element.bytes.toString().trim() === "") return [];
    this.#elements += 1;
    return [element];
  }

  #end(chunk: Buffer, from: number, to: number): ScanEvent {
    this.#head.add(chunk.subarray(from, to), this.#firstLine);
    const lines = { line: this.#firstLine, lastLine: this.#line };
    return { kind: "end", bytes: this.#head.take(), ...lines, rest: chunk.subarray(to) };
  }

  #gatherRest(bytes: Buffer): void {
    const isInList = this.#listDepth > 0 && this.#listDepth < Number.POSITIVE_INFINITY;
    if (isInList) this.#element.add(bytes, this.#elementLine);
    else this.#head.add(bytes, this.#firstLine);
  }
}

function fault(problem: string): ScanEvent {
  return { kind: "fault", problem };
}
