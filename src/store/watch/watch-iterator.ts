import { ApiError, toApiError } from "../../model/errors.ts";
import { createWakeSignal, type WakeSignal } from "../database/wake-signal.ts";

/** Milliseconds until a watcher reads again while the database is unreachable. */
export const TRY_AGAIN_MS = 500;

/** Events that a watcher can leave to another to read, who watches the same. */
export interface PausableEvents<Event> extends AsyncIterableIterator<Event> {
  /** Reads nothing more until it is resumed; ends all the same. To be called before the next event is asked for. */
  pause(): void;
  /** Goes on after the event, which the other has read. */
  resume(after: Event): void;
}

export const AWAY = Symbol("the database is away");

/** For the error of a read: AWAY where the database is unreachable; throws any other error. */
export function toOutage(error: unknown): typeof AWAY {
  if (toApiError(error).code === "SERVICE_UNAVAILABLE") return AWAY;
  throw error;
}

/**
 * What `read` yields, until one of the signals is aborted or the subscriber leaves. `begin` begins the watch, and returns what
 * ends it. A signal that is aborted with an ApiError has it thrown once what was read is yielded, and then the end comes.
 */
export function watchUntil<Change>(
  over: readonly AbortSignal[],
  begin: (wake: () => void) => () => void,
  read: (wakeSignal: WakeSignal) => AsyncGenerator<Change, undefined>,
): AsyncIterableIterator<Change> {
  const endWatch = begin(() => wakeSignal.wake());
  const wakeSignal = createWakeSignal(endWatch);
  for (const signal of over) {
    signal.addEventListener("abort", wakeSignal.end, { once: true, signal: wakeSignal.ended });
    if (signal.aborted) wakeSignal.end();
  }
  const changed = read(wakeSignal);
  let isEndTold = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const result = await changed.next();
      const reason = over.find(({ aborted }) => aborted)?.reason;
      if (!result.done || isEndTold || !(reason instanceof ApiError)) return result;
      isEndTold = true;
      throw reason;
    },
    // A generator that waits for a change would notice its end only at the next change.
    return: () => {
      wakeSignal.end();
      return changed.return(undefined);
    },
  };
}
