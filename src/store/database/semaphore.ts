import { ApiError } from "../../model/errors.ts";

/** How many slots there are, how many of them are taken, and how many callers wait for one. */
export interface SlotLoad {
  size: number;
  used: number;
  waiting: number;
}

/** Lets so many through at once, and the others wait their turn, in order, for a limited time. */
export interface Slots {
  /** How it stands now. */
  load(): SlotLoad;
  /**
   * Resolves to the function that gives the slot back. SERVICE_UNAVAILABLE when the time is over, when too many wait, and
   * when the signal is aborted meanwhile: who has left must take no place from those who wait.
   */
  take(signal?: AbortSignal): Promise<() => void>;
}

// What would wait behind this many cannot be served in time anyway, and each waiting request holds memory.
const WAITING_PER_SLOT = 100;

/** Slots for `count` at once, each waited for at most `timeoutMs`. */
export function createSlots(count: number, timeoutMs: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;

  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  // Giving back twice would let one too many through.
  const releaseOnce = () => {
    let held = true;
    return () => {
      if (held) release();
      held = false;
    };
  };

  return {
    load: () => ({ size: count, used: count - free, waiting: waiting.length }),
    async take(signal) {
      if (free > 0) {
        free -= 1;
        return releaseOnce();
      }
      if (waiting.length >= count * WAITING_PER_SLOT) throw busy();
      await new Promise<void>((resolve, reject) => {
        const settle = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", giveUp);
        };
        const turn = () => {
          settle();
          resolve();
        };
        const giveUp = () => {
          settle();
          waiting.splice(waiting.indexOf(turn), 1);
          reject(busy());
        };
        const timer = setTimeout(giveUp, timeoutMs);
        signal?.addEventListener("abort", giveUp, { once: true });
        waiting.push(turn);
      });
      return releaseOnce();
    },
  };
}

function busy(): ApiError {
  return new ApiError("SERVICE_UNAVAILABLE", "The server is busy. Try again shortly.");
}
