import { setImmediate as afterThisTick, setTimeout as delay } from "node:timers/promises";

/** Begins work on the same id at most so often. */
const EVERY_MS = 250;

/** Work on ids, several at a time, and on each of them at most four times a second. */
export interface Pacer {
  /** Has the work done for the id: at once, or as soon as its pace allows. */
  add(id: string): void;
  end(): void;
}

/**
 * A pacer of the work on up to `most` ids at a time. Ids of one turn of the event loop go together. The work resolves to the
 * milliseconds until it is tried again; null when it is done.
 */
export function createPacer(most: number, work: (ids: readonly string[]) => Promise<number | null>): Pacer {
  const due = new Set<string>();
  const later = new Map<string, NodeJS.Timeout>();
  const begun = new Map<string, number>();
  let isRunning = false;
  let isOver = false;

  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    while (due.size > 0 && !isOver) {
      await afterThisTick();
      const ids = [...due].slice(0, most);
      for (const id of ids) {
        due.delete(id);
        begun.delete(id);
        begun.set(id, performance.now());
      }
      const pauseMs = await work(ids);
      if (pauseMs === null) continue;
      for (const id of ids) due.add(id);
      await delay(pauseMs, undefined, { ref: false });
    }
    isRunning = false;
  };
  const begin = (id: string) => {
    due.add(id);
    void run();
  };
  const forgetOld = () => {
    for (const [id, at] of begun) {
      if (at > performance.now() - EVERY_MS) return;
      begun.delete(id);
    }
  };
  return {
    add(id) {
      forgetOld();
      if (isOver || later.has(id)) return;
      const at = begun.get(id);
      if (at === undefined) return begin(id);
      const wait = setTimeout(
        () => {
          later.delete(id);
          begin(id);
        },
        at + EVERY_MS - performance.now(),
      );
      later.set(id, wait);
    },
    end() {
      isOver = true;
      for (const timer of later.values()) clearTimeout(timer);
    },
  };
}
