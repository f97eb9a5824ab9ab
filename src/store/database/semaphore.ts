import { type ApiError, serverBusy } from "../../model/errors.ts";
import { change, createParty, findNext, hasOthers, join, leave, type Party, seeMember, takeTurn } from "./parties.ts";
import type { Caller } from "./requester.ts";
import { mayTakeMore } from "./shares.ts";

/** The number of slots, how many are taken, how many requests wait for one, and how many were refused one so far. */
export interface SemaphoreLoad {
  size: number;
  used: number;
  waiting: number;
  refused: number;
}

/**
 * Grants a limited number of slots; further requests wait for a limited time. Callers take turns, and none takes every
 * slot.
 */
export interface Semaphore {
  /** The load now. */
  load(): SemaphoreLoad;
  /**
   * Requests a slot for the caller. The wait fails with SERVICE_UNAVAILABLE when its time is over, when too many
   * requests wait, and when the signal is aborted: an abandoned request must not hold a place. A caller of null is the
   * server itself, on which all others depend: it has no limited share, and its first slot comes before all others.
   */
  take(caller: Caller | null, signal?: AbortSignal): Slot;
}

/** One slot, granted or waited for. */
export interface Slot {
  /** Null when the slot was granted at once; else resolves when it is. */
  readonly waited: Promise<void> | null;
  /** Returns the slot. To be called once, and only after the slot was granted. */
  release(): void;
}

// A request behind this many cannot be served in time, and each one that waits holds memory.
const WAITING_PER_SLOT = 200;

/**
 * A semaphore of `count` slots, each waited for at most `timeoutMs` milliseconds. With `byProject` the keys of a project have one
 * share: what holds up one of them holds up the others, and nothing else.
 */
export function createSemaphore(count: number, timeoutMs: number, byProject = false): Semaphore {
  // A group for each key, or each project and in it each key, with the users as members; beside them the server.
  const all = createParty("all", null);
  const server = createParty("server", all);
  // A caller that seems to be alone leaves some slots for newcomers, and all callers together leave one for the server.
  const mostOfOne = count - Math.floor(count / 3);
  const mostOfCallers = count < 4 ? count : count - 1;

  let refused = 0;
  const refuse = (): ApiError => {
    refused += 1;
    return serverBusy();
  };
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
        signal?.removeEventListener("abort", abandon);
      };
      const pass = () => {
        settle();
        change(party, 1);
        resolve();
      };
      const giveUp = (error: ApiError) => {
        settle();
        leave(party, pass);
        reject(error);
      };
      // A caller that has left is refused nothing.
      const abandon = () => giveUp(serverBusy());
      const timer = setTimeout(() => giveUp(refuse()), timeoutMs);
      signal?.addEventListener("abort", abandon, { once: true });
      join(party, pass);
    });
  const takeFor = (party: Party, signal: AbortSignal | undefined): Promise<void> | null => {
    if (party.waiting === 0 && isAllowed(party, mayTake)) {
      change(party, 1);
      return null;
    }
    const places = count * WAITING_PER_SLOT - all.waiting;
    const hasPlace = places > 0 && isAllowed(party, (each) => mayWait(each, places));
    return hasPlace ? wait(party, signal) : Promise.reject(refuse());
  };
  const seeCaller = ({ project, key, user }: Caller): Party => {
    const keys = byProject ? seeMember(all, project) : all;
    return seeMember(seeMember(keys, key), user);
  };

  return {
    load: () => ({ size: count, used: all.held, waiting: all.waiting, refused }),
    take(caller, signal) {
      const party = caller === null ? server : seeCaller(caller);
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
