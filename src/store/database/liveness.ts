/** One piece of work that waits for answers of the database. */
interface Watch {
  /** Something was heard. */
  touch(): void;
  /** The work is over. */
  end(): void;
}

/** Watches whether work is still answered. */
export interface LivenessWatch {
  /**
   * Watches work that begins now. `onSilence` is called once at most: when nothing was heard for a while and nobody is
   * there, or for too long in any case. It is told whether somebody is.
   */
  begin(onSilence: (isThere: boolean) => void): Watch;
}

// A statement may take its time, but a database that is there answers a new connection at once.
const ASK_AFTER_MS = 1000;
// One timer looks at all work: a timer for each statement would take as long as the rest of sending it.
const LOOK_EVERY_MS = 50;

interface Work {
  heard: number;
  heardAt: number;
  /** As it stood when it was last looked at closely. */
  heardBefore: number;
  lookedAt: number;
  onSilence: (isThere: boolean) => void;
}

/**
 * Asks whether the database is there when one has heard nothing for a second. What was silent for `longestMs` is given up
 * whatever the database says: it goes over a connection that leads nowhere.
 */
export function createLivenessWatch(isThere: () => Promise<boolean>, longestMs: number): LivenessWatch {
  // Places that are used again: a collection that work enters and leaves would keep it until the next full collection.
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
    // What came while this process was busy is read before the answer to this.
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
