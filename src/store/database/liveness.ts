/** One piece of work that waits for answers of the database. */
interface Watch {
  /** Records that an answer arrived. */
  touch(): void;
  /** Ends the watch: the work is done. */
  end(): void;
}

/** Detects work that is no longer answered. */
export interface LivenessWatch {
  /**
   * Watches work that begins now. Calls `onSilence` once at most: when no answer came for a second and the database is
   * unreachable, or when no answer came for the maximum time. `isThere` says whether the database is reachable.
   */
  begin(onSilence: (isThere: boolean) => void): Watch;
}

// A statement may be slow, but a database that is there answers a new connection at once.
const ASK_AFTER_MS = 1000;
// One timer for all work: a timer for each statement would cost as much as the rest of sending it.
const LOOK_EVERY_MS = 50;

interface Work {
  heard: number;
  heardAt: number;
  /** The value of `heard` at the last close check. */
  heardBefore: number;
  lookedAt: number;
  onSilence: (isThere: boolean) => void;
}

/**
 * Checks, with `isThere`, whether the database is reachable when work has had no answer for a second. Work without an
 * answer for `longestMs` is given up in any case: its connection leads nowhere.
 */
export function createLivenessWatch(isThere: () => Promise<boolean>, longestMs: number): LivenessWatch {
  // Places are reused: a collection that work enters and leaves would keep finished work until the next full garbage
  // collection.
  const places: (Work | null)[] = [];
  const free: number[] = [];
  let timer: NodeJS.Timeout | undefined;

  const end = (place: number, work: Work) => {
    if (places[place] !== work) return;
    places[place] = null;
    free.push(place);
  };
  const lookAt = async (place: number, work: Work, now: number) => {
    const { heard, heardBefore } = work;
    work.heardBefore = heard;
    work.lookedAt = now;
    if (heard !== heardBefore) return;
    // An answer that arrived while this process was busy is processed before the result of this.
    const there = await isThere();
    const isLate = performance.now() - work.heardAt >= longestMs;
    if (places[place] !== work || work.heard !== heard || (there && !isLate)) return;
    end(place, work);
    work.onSilence(there);
  };
  const lookAtAll = () => {
    const now = performance.now();
    for (const [place, work] of places.entries()) {
      if (work !== null && now - work.lookedAt >= ASK_AFTER_MS) void lookAt(place, work, now);
    }
    if (free.length < places.length) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    begin(onSilence) {
      const now = performance.now();
      const work = { heard: 0, heardAt: now, heardBefore: 0, lookedAt: now, onSilence };
      const place = free.pop() ?? places.length;
      places[place] = work;
      timer ??= setInterval(lookAtAll, LOOK_EVERY_MS);
      return {
        touch() {
          work.heard += 1;
          work.heardAt = performance.now();
        },
        end: () => end(place, work),
      };
    },
  };
}
