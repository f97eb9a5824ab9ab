import { isJsonObject } from "../model/json.ts";
import { Fields } from "./fields.ts";
import type { ConversationFormat } from "./format.ts";
import type { RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";

/** A JSON value of the input, or what is wrong with it. */
export interface JsonValue {
  /** The line that holds it, in JSON Lines; null elsewhere. */
  line: number | null;
  /** Where it stands in its document, such as `conversations[3]`; empty for the whole. */
  path: string;
  content: { value: unknown } | RecordError;
}

/** A value that one record is to be read from. */
export interface RecordValue extends JsonValue {
  /** The format that recognises it; undefined when none does. */
  format: ConversationFormat | undefined;
}

/** The keys under which a page of a service's answer holds its list. */
export const LIST_KEYS = ["conversations", "data"] as const;

/** What else such a page says, which is not about any conversation. */
const PAGE_FIELDS = [...LIST_KEYS, "pageInfo", "object", "first_id", "last_id", "has_more"];

/** How many elements without a format are looked past before a list counts as one of records. */
const MAX_UNDECIDED = 100;

/**
 * Finds the records in a list, element by element. A list of messages is one record, with the object around it; in any other
 * each element is one, and a list in its place (a page of a service's answer) is looked into. Holds the elements only while
 * they are messages, or may be.
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

  /** Takes the next element; answers the records that are whole with it. */
  add(element: JsonValue): RecordValue[] {
    if (this.#holds === "undecided") {
      this.#holds = this.#held.length === MAX_UNDECIDED ? "records" : this.#judge(element.content);
    }
    this.#held.push(element);
    return this.#holds === "records" ? this.#release() : [];
  }

  /**
   * Ends the list. `whole` is the value that it is or stands in, when the elements that are held are put into it. Answers
   * the last records: the whole as one unless the elements were records, nothing for an empty list that is no record.
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

  /** Ends JSON Lines, which stand in nothing: lines that are messages are one record, of the first one's place. */
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

/** Counts the fields of a page beside its list that are none of a page's. */
export function countPageFields(value: unknown, notes: ReadingNotes): void {
  if (!isJsonObject(value)) return;
  const page = new Fields(value, "", notes);
  for (const name of PAGE_FIELDS) page.value(name);
  page.countUnknown();
}

/** The list that the value is, or that it holds under one of the keys of a page; null when there is none. */
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
