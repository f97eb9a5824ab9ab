import { ApiError } from "../../model/errors.ts";
import { change, createParty, hasOthers, join, leave, type Party, seeMember, takeNext } from "./parties.ts";
import type { Caller } from "./requester.ts";
import { mayTakeMore } from "./shares.ts";

/** How many slots there are, how many of them are taken, and how many callers wait for one. */
export interface SlotLoad {
  size: number;
  used: number;
  waiting: number;
}

/** Lets so many through at once, and the others wait for a limited time; callers take turns, and none takes all there are. */
export interface Slots {
  /** How it stands now. */
  load(): SlotLoad;
  /**
   * Asks for a slot for the caller. SERVICE_UNAVAILABLE when the time is over, when too many wait, and when the signal is
   * aborted meanwhile: who has left must take no place from those who wait. A caller of null is the server itself, on which
   * all others wait: it goes first, and has no share.
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
export function createSlots(count: number, timeoutMs: number): Slots {
  const server = createParty("server", null);
  // Keys, and of each its users.
  const callers = createParty("callers", null);
  // One who seems to be alone leaves some for whoever comes, and all together leave one for the server.
  const mostOfOne = count - Math.floor(count / 3);
  const mostOfAll = count < 4 ? count : count - 1;

  const countFree = () => count - server.held - callers.held;
  const hasRoom = () => countFree() > 0 && callers.held < mostOfAll;
  const mayTake = (party: Party): boolean =>
    hasOthers(party) ? mayTakeMore(party.held, countFree()) : party.held < mostOfOne;
  const mayWait = (party: Party, places: number): boolean =>
    party.group === null ? places > 0 : mayTakeMore(party.waiting, places) && mayWait(party.group, places);
  const isFree = (party: Party): boolean => {
    if (party === server) return countFree() > 0;
    for (let each = party; each.group !== null; each = each.group) if (!mayTake(each)) return false;
    return hasRoom();
  };
  const next = () => {
    if (countFree() === 0) return null;
    return takeNext(server, mayTake) ?? (hasRoom() ? takeNext(callers, mayTake) : null);
  };
  const serve = () => {
    for (let pass = next(); pass !== null; pass = next()) pass();
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
    if (party.waiting === 0 && isFree(party)) {
      change(party, 1);
      return null;
    }
    const places = count * WAITING_PER_SLOT - server.waiting - callers.waiting;
    return mayWait(party, places) ? wait(party, signal) : Promise.reject(busy());
  };

  return {
    load: () => ({ size: count, used: count - countFree(), waiting: server.waiting + callers.waiting }),
    take(caller, signal) {
      const party = caller === null ? server : seeMember(seeMember(callers, caller.key), caller.user);
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
