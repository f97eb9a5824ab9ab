import { isJsonObject } from "../model/json.ts";
import { Fields } from "./fields.ts";
import type { ConversationFormat } from "./format.ts";
import type { RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";

/** A JSON value of the input, or its fault. */
export interface JsonValue {
  /** Its line in JSON Lines; null elsewhere. */
  line: number | null;
  /** Its place in its document, such as `conversations[3]`; empty for the whole. */
  path: string;
  content: { value: unknown } | RecordError;
}

/** A value to read one record from. */
export interface RecordValue extends JsonValue {
  /** The format that recognises it; undefined when none does. */
  format: ConversationFormat | undefined;
}

/** The fields of a page of a service's answer that hold its list. */
export const LIST_KEYS = ["conversations", "data"] as const;

/** Fields of such a page that say nothing about any conversation. */
const PAGE_FIELDS = [...LIST_KEYS, "pageInfo", "object", "first_id", "last_id", "has_more"];

/** The number of elements without a format after which a list counts as one of records. */
const MAX_UNDECIDED = 100;

/**
 * Finds the records in a list, element by element. A list of messages is one record, with the object around it. In any
 * other list each element is one, and an element that holds a list itself (a page of a service's answer) gives the
 * records in that. Holds elements only while they are, or may be, messages.
 */
export class RecordSplitter {
  readonly #formats: readonly ConversationFormat[];
  readonly #notes: ReadingNotes;
  #held: JsonValue[] = [];
  #holds: "messages" | "records" | "undecided" = "undecided";

  constructor(formats: readonly ConversationFormat[], notes: ReadingNotes) {
    this.#formats = formats;
    this.#notes = notes;
  }

  /** Takes the next element; returns the records that it completes. */
  add(element: JsonValue): RecordValue[] {
    if (this.#holds === "undecided") {
      this.#holds = this.#held.length === MAX_UNDECIDED ? "records" : this.#judge(element.content);
    }
    this.#held.push(element);
    return this.#holds === "records" ? this.#release() : [];
  }

  /**
   * Ends the list. `whole` rebuilds the value that is the list, or holds it, from the held elements. Returns the last
   * records: the whole as one unless the elements were records, none for an empty list that is no record.
   */
  end(whole: (held: unknown[]) => unknown, { line, path }: Omit<JsonValue, "content">): RecordValue[] {
    const fault = this.#held.find(({ content }) => content instanceof Error);
    if (fault !== undefined) return this.#holds === "messages" ? [{ ...fault, format: undefined }] : this.#release();
    const value = whole(this.#held.flatMap(({ content }) => ("value" in content ? [content.value] : [])));
    const format = this.#holds === "records" ? undefined : this.#formatOf(value);
    if (format === undefined && this.#held.length === 0) {
      countPageFields(value, this.#notes);
      return [];
    }
    return [{ line, path, content: { value }, format }];
  }

  /**
   * Ends JSON Lines, which have no object around them: lines that are messages are one record, at the first one's
   * place.
   */
  endLines(): RecordValue[] {
    const [first] = this.#held;
    return this.#holds === "messages" && first !== undefined ? this.end((held) => held, first) : this.#release();
  }

  #release(): RecordValue[] {
    const released = this.#held.flatMap((element) => this.#split(element));
    this.#held = [];
    return released;
  }

  /** The records in an element that is one, or holds a list of them. */
  #split({ line, path, content }: JsonValue): RecordValue[] {
    if (content instanceof Error) return [{ line, path, content, format: undefined }];
    const { value } = content;
    const format = this.#formatOf(value);
    const list = format === undefined ? findList(value) : null;
    // An empty list in the place of a record is a conversation without messages.
    if (list === null || (value === list.elements && list.elements.length === 0))
      return [{ line, path, content, format }];
    const inner = new RecordSplitter(this.#formats, this.#notes);
    const records = list.elements.flatMap((element, index) =>
      inner.add({ line, path: `${joinPath(path, list.key)}[${index}]`, content: { value: element } }),
    );
    return [...records, ...inner.end(() => value, { line, path })];
  }

  #judge(content: JsonValue["content"]): "messages" | "records" | "undecided" {
    if (content instanceof Error) return "undecided";
    const { value } = content;
    if (this.#isRecord(value)) return "records";
    return this.#formats.some((format) => format.isMessage(value)) ? "messages" : "undecided";
  }

  #isRecord(value: unknown): boolean {
    if (this.#formatOf(value) !== undefined) return true;
    return findList(value)?.elements.some((element) => this.#isRecord(element)) === true;
  }

  #formatOf(value: unknown): ConversationFormat | undefined {
    return this.#formats.find((format) => format.recognises(value));
  }
}

/** Counts the unknown fields of a page beside its list. */
export function countPageFields(value: unknown, notes: ReadingNotes): void {
  if (!isJsonObject(value)) return;
  const page = new Fields(value, "", notes);
  for (const name of PAGE_FIELDS) page.value(name);
  page.countUnknown();
}

/** The list that the value is, or that it holds in one of the fields of a page; null when there is none. */
function findList(value: unknown): { key: string; elements: unknown[] } | null {
  if (Array.isArray(value)) return { key: "", elements: value };
  if (!isJsonObject(value)) return null;
  for (const key of LIST_KEYS) {
    const elements = value[key];
    if (Array.isArray(elements)) return { key, elements };
  }
  return null;
}

function joinPath(path: string, key: string): string {
  return [path, key].filter((part) => part !== "").join(".");
}
