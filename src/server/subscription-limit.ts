import { ApiError } from "../model/errors.ts";
import type { Caller } from "../store/database/requester.ts";
import { mayTakeMore } from "../store/database/shares.ts";
import type { AccessWatch } from "../store/keys/key-ring.ts";

/** Bounds how many subscriptions are open at once. */
export interface SubscriptionLimit {
  /**
   * The watch, counted for the caller until it is released. LIMIT_EXCEEDED when that is one too many; then
   * `begin` is not called.
   */
  count(caller: Caller, begin: () => AccessWatch): AccessWatch;
  /** How many were one too many so far. */
  refused(): number;
}

/** A limit of `most` for each key. A user of a key leaves as many places to the other users as that user has. */
export function createSubscriptionLimit(most: number): SubscriptionLimit {
  const open = new Map<string, number>();
  let refused = 0;
  const countOf = (name: string) => open.get(name) ?? 0;
  const add = (name: string, change: 1 | -1) => {
    const count = countOf(name) + change;
    if (count === 0) open.delete(name);
    else open.set(name, count);
  };
  return {
    refused: () => refused,
    count({ key, user }, begin) {
      // Neither holds a line end.
      const ofUser = `${key}\n${user}`;
      const names = user === "" ? [key] : [key, ofUser];
      if (!mayTakeMore(user === "" ? 0 : countOf(ofUser), most - countOf(key))) {
        refused += 1;
        throw tooMany(most);
      }
      const watch = begin();
      for (const name of names) add(name, 1);
      let isOver = false;
      return {
        ended: watch.ended,
        release() {
          watch.release();
          if (!isOver) for (const name of names) add(name, -1);
          isOver = true;
        },
      };
    },
  };
}

function tooMany(most: number): ApiError {
  return new ApiError(
    "LIMIT_EXCEEDED",
    `A key may have up to ${most} subscriptions open, and one of its users half of them. End some first.`,
  );
}
