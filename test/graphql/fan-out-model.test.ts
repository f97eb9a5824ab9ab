import fc from "fast-check";
import { expect, test } from "vitest";

import type { WatchedEvent } from "../../src/graphql/pipeline/answered-event.ts";
import { createFanOut, type Watcher, type WrittenEvent } from "../../src/graphql/pipeline/fan-out.ts";

/** A watcher of a counter: its events are steps from one value of the counter to a later one. */
interface Counting extends Watcher {
  /** Where its own reads stand. */
  seen: number;
  isPaused: boolean;
  isFull: boolean;
  /** What it has read, and was not told yet. */
  underWay: WrittenEvent | null;
  /** Where its reader stands. */
  at: number;
}

interface Step {
  from: number;
  to: number;
}

// The fan-out looks at no event, it only hands them on.
const toEvent = (step: Step) => step as unknown as WatchedEvent;
const toStep = (event: WatchedEvent) => event as unknown as Step;

function startWatching(seen: number): Counting {
  const watcher: Counting = {
    seen,
    at: seen,
    isPaused: false,
    isFull: false,
    underWay: null,
    hasRoom: () => !watcher.isFull,
    write(bytes) {
      const { from, to }: Step = JSON.parse(bytes.toString());
      expect(from).toBe(watcher.at);
      watcher.at = to;
    },
    // Safe cast: the fan-out asks for no event itself.
    events: {
      pause() {
        expect(watcher.underWay).toBeNull();
        watcher.isPaused = true;
      },
      resume(after: WatchedEvent) {
        watcher.isPaused = false;
        watcher.seen = toStep(after).to;
      },
    } as Counting["events"],
  };
  return watcher;
}

const KINDS = ["count", "wake", "join", "read", "tell", "fill", "drain", "fail", "leave"] as const;
const steps = fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(3)), { maxLength: 40 });

test("whoever joins, lags and leaves in whatever order: each gets every step once, and none waits for one who is gone", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const fanOut = createFanOut();
      const known = new Map<string, WrittenEvent>();
      const watchers = [0, 0, 0].map(startWatching);
      let count = 0;
      const read = (watcher: Counting) => {
        if (watcher.isPaused || watcher.isFull || watcher.underWay !== null || watcher.seen === count) return;
        const step = { from: watcher.seen, to: count };
        const name = JSON.stringify(step);
        // One object for all who read the same.
        watcher.underWay = known.get(name) ?? { event: toEvent(step), bytes: Buffer.from(name) };
        known.set(name, watcher.underWay);
        watcher.seen = count;
      };
      const tell = (watcher: Counting) => {
        const { underWay } = watcher;
        watcher.underWay = null;
        if (underWay !== null) fanOut.tell(watcher, underWay);
      };
      for (const [kind, index] of taken) {
        const watcher = watchers[index];
        if (kind === "count") count += 1;
        else if (kind === "wake") for (const one of watchers) read(one);
        else if (kind === "join") watchers.push(startWatching(count));
        else if (watcher === undefined) continue;
        else if (kind === "read") read(watcher);
        else if (kind === "tell") tell(watcher);
        else if (kind === "fail") fanOut.separate(watcher);
        else if (kind === "leave") fanOut.leave(watchers.splice(index, 1)[0] ?? watcher);
        else watcher.isFull = kind === "fill";
      }
      for (const watcher of watchers) watcher.isFull = false;
      for (let round = 0; round < 3; round += 1) {
        count += 1;
        for (const watcher of watchers) read(watcher);
        for (const watcher of watchers) tell(watcher);
      }
      expect(watchers.map(({ at }) => at)).toEqual(watchers.map(() => count));
    }),
    { numRuns: 2_000 },
  );
});
