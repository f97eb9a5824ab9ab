import { isUtf8 } from "node:buffer";
import { isJsonObject } from "../model/json.ts";

import { orderedObject } from "../model/ordered-object.ts";
import { RecordError } from "./format-errors.ts";
import { parseText } from "./parse-text.ts";
import { type ScanEvent, ValueScanner } from "./scan-value.ts";
import { type JsonValue, LIST_KEYS, type RecordSplitter, type RecordValue } from "./split-records.ts";
import { isBlank } from "./text-lines.ts";

/** Finds the records in the text of one JSON value, chunk by chunk: the elements of its list, or the value itself. */
export class DocumentReader {
  readonly #lines: RecordSplitter;
  readonly #list: RecordSplitter;
  readonly #firstLine: number;
  readonly #scanner: ValueScanner;
  /** The field that holds the list, "" for the value itself; null when there is none. */
  #key: string | null = null;
  #elements = 0;
  #fault: string | null = null;
  #rest: Buffer | null = null;

  /** `list` gets the elements of the value's list; `lines` gets a value without a list, as the first of JSON Lines. */
  constructor({ lines, list, firstLine }: { lines: RecordSplitter; list: RecordSplitter; firstLine: number }) {
    this.#lines = lines;
    this.#list = list;
    this.#firstLine = firstLine;
    this.#scanner = new ValueScanner(LIST_KEYS, firstLine);
  }

  /** The line of the last byte so far. */
  get line(): number {
    return this.#scanner.line;
  }

  /** The bytes after the value; null before its end. */
  get rest(): Buffer | null {
    return this.#rest;
  }

  /** The fault after which the text cannot be read; null when there is none. */
  get fault(): string | null {
    return this.#fault;
  }

  /** The records that the next bytes complete. */
  read(chunk: Buffer): RecordValue[] {
    return this.#scanner.scan(chunk).flatMap((event) => this.#take(event));
  }

  /** The fault of a text that ends before the value does; `kept` is the whole text when it was kept. */
  breakOff(kept: readonly Buffer[] | null): RecordValue {
    const bytes = Buffer.concat(this.#fault === null ? (kept ?? []) : []);
    if (!isUtf8(bytes)) {
      const { content, faultLine } = parseText(bytes, this.#firstLine);
      return { line: faultLine, path: "", content, format: undefined };
    }
    const problem = `is not JSON: ${this.#fault ?? "it ends too early"}`;
    return { line: this.line, path: "", content: new RecordError("", problem), format: undefined };
  }

  #take(event: ScanEvent): RecordValue[] {
    switch (event.kind) {
      case "list":
        this.#key = event.key;
        return [];
      case "element": {
        const path = `${this.#key ?? ""}[${this.#elements}]`;
        this.#elements += 1;
        return this.#list.add(this.#parse(event, path));
      }
      case "end":
        this.#rest = event.rest;
        return this.#end(this.#parse(event, ""));
      case "fault":
        this.#fault = event.problem;
        return [];
    }
  }

  #end(head: JsonValue): RecordValue[] {
    const key = this.#key;
    const { content } = head;
    if (key === null || content instanceof Error) return this.#lines.add(head);
    const { value } = content;
    const whole = (held: unknown[]) =>
      isJsonObject(value) ? orderedObject([...Object.entries(value), [key, held] as const]) : held;
    return this.#list.end(whole, head);
  }

  #parse({ bytes, line, lastLine }: { bytes: Buffer; line: number; lastLine: number }, path: string): JsonValue {
    if (isBlank(bytes))
      return { line: lastLine, path: "", content: new RecordError("", "is not JSON: a comma too much") };
    const { content, faultLine } = parseText(bytes, line);
    if (faultLine !== null) return { line: faultLine, path: "", content };
    return { line: lastLine === this.#firstLine ? this.#firstLine : null, path, content };
  }
}
