import { isJsonObject, type JsonObject } from "../model/json.ts";
import { RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { storable } from "./storable.ts";

const MAX_INTEGER = 2_147_483_647;

/**
 * The fields of one JSON object of a record, read by name. Null counts as absent. Every method throws a RecordError
 * that names the field when its value breaks the rule. `countUnknown` counts the fields that were not read.
 */
export class Fields {
  readonly path: string;
  readonly #object: JsonObject;
  readonly #notes: ReadingNotes;
  readonly #known = new Set<string>();

  constructor(value: unknown, path: string, notes: ReadingNotes) {
    if (!isJsonObject(value)) throw new RecordError(path, "must be a JSON object");
    this.path = path;
    this.#object = value;
    this.#notes = notes;
  }

  /** The path of a field of this object, for messages. */
  pathOf(name: string): string {
    if (!/^[\w-]+$/.test(name)) return `${this.path}[${JSON.stringify(name)}]`;
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  /** The error for a field of this object. */
  error(name: string, problem: string): RecordError {
    return new RecordError(this.pathOf(name), problem);
  }

  /** The value as it is; undefined when absent or null. */
  value(name: string): unknown {
    this.#known.add(name);
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  /** The value as it is, null included, without marking the field as read. Undefined when absent. */
  peek(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#missing(name);
  }

  optionalText(name: string): string | null {
    const value = this.optionalExactText(name);
    return value === null ? null : this.storable(name, value);
  }

  /**
   * A text that names something and so is never repaired: two that differ must stay apart. The caller checks its own
   * rule.
   */
  optionalExactText(name: string): string | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (typeof value !== "string") throw this.error(name, "must be a string");
    return value;
  }

  /** A text or a number that identifies an object, as text; null when absent. */
  optionalKey(name: string): string | null {
    const value = this.value(name);
    return typeof value === "number" ? String(value) : this.optionalText(name);
  }

  optionalBoolean(name: string): boolean | null {
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") return value ?? null;
    throw this.error(name, "must be true or false");
  }

  /** An integer from `min` to the maximum of PostgreSQL's `integer`; null when absent. */
  optionalInteger(name: string, min: number): number | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= MAX_INTEGER) return value;
    throw this.error(name, `must be a whole number from ${min} to ${MAX_INTEGER}`);
  }

  /** One of the words; null when absent. */
  optionalWord<Word extends string>(name: string, words: readonly Word[]): Word | null {
    const value = this.value(name);
    if (value === undefined) return null;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw this.error(name, `must be one of ${words.join(", ")}`);
    return word;
  }

  word<Word extends string>(name: string, words: readonly Word[]): Word {
    return this.optionalWord(name, words) ?? this.#missing(name);
  }

  /** The word that the property holds, one of the table's keys. */
  keyOf<Table extends object>(name: string, table: Table): keyof Table & string {
    return this.optionalKeyOf(name, table) ?? this.#missing(name);
  }

  optionalKeyOf<Table extends object>(name: string, table: Table): (keyof Table & string) | null {
    // Safe cast: tables are object literals, to which nothing adds keys.
    return this.optionalWord(name, Object.keys(table) as (keyof Table & string)[]);
  }

  object(name: string): JsonObject {
    return this.optionalObject(name) ?? this.#missing(name);
  }

  optionalObject(name: string): JsonObject | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (!isJsonObject(value)) throw this.error(name, "must be a JSON object");
    return this.storable(name, value);
  }

  /** The object in a field; null when absent. */
  optionalFields(name: string): Fields | null {
    const value = this.value(name);
    return value === undefined ? null : new Fields(value, this.pathOf(name), this.#notes);
  }

  /** The objects of an array. An absent array is an error. */
  list(name: string): Fields[] {
    return this.optionalList(name) ?? this.#missing(name);
  }

  optionalList(name: string): Fields[] | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (!Array.isArray(value)) throw this.error(name, "must be an array");
    return value.map((item, index) => new Fields(item, `${this.pathOf(name)}[${index}]`, this.#notes));
  }

  /** The texts and objects of an array; null when absent. */
  optionalParts(name: string): (string | Fields)[] | null {
    const value = this.value(name);
    if (value === undefined) return null;
    if (!Array.isArray(value)) throw this.error(name, "must be an array");
    return value.map((item, index) => {
      const path = `${this.pathOf(name)}[${index}]`;
      return typeof item === "string" ? storable(item, path, this.#notes) : new Fields(item, path, this.#notes);
    });
  }

  /** The object as a whole, in a form that PostgreSQL can store (see `storable`). */
  whole(): JsonObject {
    const toPath = (parent: string, names: readonly string[]) =>
      names.reduce((path, name) => (/^\d+$/.test(name) ? `${path}[${name}]` : `${path}.${name}`), parent);
    return storable(this.#object, this.path, this.#notes, toPath);
  }

  /** The fields that were not read, with their values, without nulls. */
  unread(): [name: string, value: unknown][] {
    return Object.entries(this.#object).filter(([name, value]) => value !== null && !this.#known.has(name));
  }

  /** Counts the fields that were not read as unknown. To be called after everything known has been read. */
  countUnknown(): void {
    for (const [name] of this.unread()) this.#notes.countUnknownField(this.pathOf(name));
  }

  /** The value, which belongs to the field, in a form that PostgreSQL can store (see `storable`). */
  storable<Value>(name: string, value: Value): Value {
    return storable(value, this.pathOf(name), this.#notes);
  }

  #missing(name: string): never {
    throw this.error(name, "is missing");
  }
}
