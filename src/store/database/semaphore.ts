import { ApiError } from "../../model/errors.ts";
import { change, createParty, findNext, hasOthers, join, leave, type Party, seeMember, takeTurn } from "./parties.ts";
import type { Caller } from "./requester.ts";
import { mayTakeMore } from "./shares.ts";

/** How many slots there are, how many of them are taken, and how many callers wait for one. */
export interface SemaphoreLoad {
  size: number;
  used: number;
  waiting: number;
}

/** Lets so many through at once, and the others wait for a limited time; callers take turns, and none takes all there are. */
export interface Semaphore {
  /** How it stands now. */
  load(): SemaphoreLoad;
  /**
   * Asks for a slot for the caller. SERVICE_UNAVAILABLE when the time is over, when too many wait, and when the signal is
   * aborted meanwhile: who has left must take no place from those who wait. A caller of null is the server itself, on which
   * all others wait: it has no share, and goes first while it has none.
   */
  take(caller: Caller | null, signal?: AbortSignal): Slot;
}

/** One slot, had or waited for. */
export interface Slot {
  /** Null when it was had at once; else resolves when it is there. */
  readonly waited: Promise<void> | null;
  /** Gives it back; to be called once, and only when it was had. */
  release(): void;
}

// What would wait behind this many cannot be served in time anyway, and each waiting request holds memory.
const WAITING_PER_SLOT = 200;

/** Slots for `count` at once, each waited for at most `timeoutMs`. */
export function createSemaphore(count: number, timeoutMs: number): Semaphore {
  // Keys, and of each its users; and beside the keys the server.
  const all = createParty("all", null);
  const server = createParty("server", all);
  // One who seems to be alone leaves some for whoever comes, and all together leave one for the server.
  const mostOfOne = count - Math.floor(count / 3);
  const mostOfCallers = count < 4 ? count : count - 1;

  const countFree = () => count - all.held;
  const mayTake = (party: Party): boolean => {
    if (party === server) return countFree() > 0;
    if (countFree() === 0 || all.held - server.held >= mostOfCallers) return false;
    return hasOthers(party) ? mayTakeMore(party.held, countFree()) : party.held < mostOfOne;
  };
  const mayWait = (party: Party, places: number): boolean => party === server || mayTakeMore(party.waiting, places);
  const isAllowed = (party: Party, rule: (party: Party) => boolean): boolean =>
    rule(party) && (party.group === all || party.group === null || isAllowed(party.group, rule));
  const serve = () => {
    for (;;) {
      const next = server.waiting > 0 && server.held === 0 ? server : findNext(all, mayTake);
      if (next === null) return;
      takeTurn(next)?.();
    }
  };
  const wait = (party: Party, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", giveUp);
      };
      const pass = () => {
        settle();
        change(party, 1);
        resolve();
      };
      const giveUp = () => {
        settle();
        leave(party, pass);
        reject(busy());
      };
      const timer = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener("abort", giveUp, { once: true });
      join(party, pass);
    });
  const takeFor = (party: Party, signal: AbortSignal | undefined): Promise<void> | null => {
    if (party.waiting === 0 && isAllowed(party, mayTake)) {
      change(party, 1);
      return null;
    }
    const places = count * WAITING_PER_SLOT - all.waiting;
    const hasPlace = places > 0 && isAllowed(party, (each) => mayWait(each, places));
    return hasPlace ? wait(party, signal) : Promise.reject(busy());
  };

  return {
    load: () => ({ size: count, used: all.held, waiting: all.waiting }),
    take(caller, signal) {
      const party = caller === null ? server : seeMember(seeMember(all, caller.key), caller.user);
      return {
        waited: takeFor(party, signal),
        release() {
          change(party, -1);
          serve();
        },
      };
    },
  };
}

function busy(): ApiError {
  return new ApiError("SERVICE_UNAVAILABLE", "The server is busy. Try again shortly.");
}
