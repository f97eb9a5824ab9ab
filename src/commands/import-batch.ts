import { RecordError } from "../formats/format-errors.ts";
import type { ConversationRecord } from "../model/conversation-record.ts";
import type { Database } from "../store/database/client.ts";
import { importNew } from "../store/write/import-new.ts";
import { type ImportOutcome, type IncomingRecord, importOne, prepareRecord } from "./import-one.ts";
import type { ImportSettings } from "./import-settings.ts";

// More of them in a statement save nothing, take memory, and are longer under way when the command is interrupted.
const MAX_ENTRIES = 100;
const FULL_BYTES = 512 * 1024;

/** A record on its way through a batch. */
export interface ImportEntry {
  readonly incoming: IncomingRecord;
  /** What is to be stored; null where the outcome is known without. */
  readonly record: ConversationRecord | null;
  /** The bytes of its turns. */
  readonly bytes: number;
  /** Null until it is known. */
  outcome: ImportOutcome | "known" | null;
}

/** The record as it comes into a batch. */
export function toEntry(incoming: IncomingRecord, settings: ImportSettings): ImportEntry {
  const { result } = incoming;
  const prepared = result === "known" ? result : prepareRecord(settings, result);
  return prepared === "known" || prepared instanceof RecordError
    ? { incoming, record: null, bytes: 0, outcome: prepared }
    : { incoming, ...prepared, outcome: null };
}

/** Records that follow each other in the input, to be stored together. */
export class ImportBatch {
  readonly entries: ImportEntry[] = [];
  readonly #conversations = new Set<string>();
  readonly #turns = new Set<string>();
  #bytes = 0;

  get isFull(): boolean {
    return this.entries.length >= MAX_ENTRIES || this.#bytes >= FULL_BYTES;
  }

  /**
   * Whether the record can be stored together with these: not where its conversation has the id of another object here, or
   * the other way round, as one of the two has to be there first.
   */
  takes({ record }: ImportEntry): boolean {
    if (record === null) return true;
    return !this.#has(record.id) && !record.turns.some(({ id }) => this.#conversations.has(id));
  }

  add(entry: ImportEntry): void {
    this.entries.push(entry);
    this.#bytes += entry.bytes;
    if (entry.record === null) return;
    this.#conversations.add(entry.record.id);
    for (const { id } of entry.record.turns) this.#turns.add(id);
  }

  /** Whether an id in this batch names something in the other one. */
  meets(other: ImportBatch): boolean {
    for (const ids of [this.#conversations, this.#turns]) for (const id of ids) if (other.#has(id)) return true;
    return false;
  }

  /**
   * Stores the records: those of new conversations in one transaction; known ones, and all where that fails, one after the
   * other, until the signal is aborted. Throws when the database fails; the outcomes until then hold.
   */
  async store(database: Database, settings: ImportSettings, signal: AbortSignal): Promise<void> {
    const records = this.entries.flatMap(({ record }) => record ?? []);
    // Where the database failed, too: what comes before the record that it fails at is kept.
    const added = records.length < 2 ? null : await importNew(database, settings.projectId, records).catch(() => null);
    for (const entry of this.entries) {
      if (entry.record === null) continue;
      entry.outcome = added?.get(entry.record.id) ?? null;
      if (entry.outcome !== null) continue;
      if (signal.aborted) return;
      entry.outcome = await importOne(database, settings, entry.record);
    }
  }

  #has(id: string): boolean {
    return this.#conversations.has(id) || this.#turns.has(id);
  }
}
