import type { Database } from "../store/database/client.ts";
import { ImportBatch, toEntry } from "./import-batch.ts";
import type { ImportOutcome, IncomingRecord } from "./import-one.ts";
import type { ImportSettings } from "./import-settings.ts";

// One is sent while two are stored: more of them find no processor, and take memory.
const MAX_UNDER_WAY = 3;

interface QueueContext {
  database: Database;
  settings: ImportSettings;
  signal: AbortSignal;
  /** Called for each record, in the order of the input. */
  onOutcome(record: IncomingRecord, outcome: ImportOutcome | "known"): void;
}

/**
 * Stores records in batches, with the outcomes of storing them one after the other. Full batches that have no id in common
 * are stored at the same time. While the input is slower than the database they are small, and come one after the other.
 */
export class ImportQueue {
  readonly #context: QueueContext;
  readonly #mostUnderWay: number;
  readonly #underWay = new Map<ImportBatch, Promise<void>>();
  #next = new ImportBatch();
  #isBeginningSoon = false;
  #hasFailed = false;
  /** Ends when all batches that have begun are reported, with the first failure. */
  #reported: Promise<{ error: unknown } | null> = Promise.resolve(null);

  constructor(context: QueueContext) {
    this.#context = context;
    // One connection is left to the reader of the input, which may ask the database what is known.
    this.#mostUnderWay = Math.max(1, Math.min(MAX_UNDER_WAY, context.database.load().size - 1));
  }

  /** Takes the record in, for which it waits while too many are there. Throws when the database failed. */
  async add(incoming: IncomingRecord): Promise<void> {
    const entry = toEntry(incoming, this.#context.settings);
    if (!this.#next.takes(entry)) await this.#send();
    this.#next.add(entry);
    if (this.#next.isFull) await this.#send();
    else this.#beginSoon();
    if (this.#hasFailed) await this.end();
  }

  /**
   * Resolves when all records are stored and reported; after an abortion or a failure, those that are under way. Throws when
   * the database failed.
   */
  async end(): Promise<void> {
    await this.#send();
    const failure = await this.#reported;
    if (failure !== null) throw failure.error;
  }

  get #isOver(): boolean {
    return this.#hasFailed || this.#context.signal.aborted;
  }

  /** Resolves when the next batch has begun, unless it will not any more. */
  async #send(): Promise<void> {
    const batch = this.#next;
    while (this.#next === batch && batch.entries.length > 0 && !this.#isOver) {
      if (this.#mayBegin(batch)) this.#begin(batch);
      else await Promise.race(this.#underWay.values());
    }
  }

  /** Begins the next batch, if it may, when the input makes the queue wait. */
  #beginSoon(): void {
    if (this.#isBeginningSoon) return;
    this.#isBeginningSoon = true;
    setImmediate(() => {
      this.#isBeginningSoon = false;
      const batch = this.#next;
      if (batch.entries.length > 0 && !this.#isOver && this.#mayBegin(batch)) this.#begin(batch);
    });
  }

  #mayBegin(batch: ImportBatch): boolean {
    const underWay = [...this.#underWay.keys()];
    if (underWay.length === 0) return true;
    return batch.isFull && underWay.length < this.#mostUnderWay && !underWay.some((other) => batch.meets(other));
  }

  #begin(batch: ImportBatch): void {
    const { database, settings, signal } = this.#context;
    this.#next = new ImportBatch();
    const stored = batch.store(database, settings, signal).then(
      () => null,
      (error: unknown) => {
        this.#hasFailed = true;
        return { error };
      },
    );
    const ended = stored.then(() => {
      this.#underWay.delete(batch);
      this.#beginSoon();
    });
    this.#underWay.set(batch, ended);
    this.#reported = this.#report(batch, stored, this.#reported);
  }

  async #report<Failure>(batch: ImportBatch, stored: Promise<Failure>, before: Promise<Failure>): Promise<Failure> {
    const earlier = await before;
    const own = await stored;
    for (const { incoming, outcome } of batch.entries) {
      if (outcome === null) break;
      this.#context.onOutcome(incoming, outcome);
    }
    return earlier ?? own;
  }
}
