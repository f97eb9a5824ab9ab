/** Wakes one waiting reader. A ring while nobody waits is kept for the next wait. */
export interface WakeSignal {
  wake(): void;
  /** Resolves at the next ring, or after the time. */
  wait(ms: number): Promise<void>;
  /** Ends the watch and wakes its reader. */
  end(): void;
  readonly ended: AbortSignal;
}

/** A bell that nobody has rung; `endWatch` is called when the watch ends. */
export function createWakeSignal(endWatch: () => void): WakeSignal {
  const ended = new AbortController();
  let rung = false;
  let wake = () => {};
  const ring = () => {
    rung = true;
    wake();
  };
  return {
    wake: ring,
    wait: async (ms) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
    end: () => {
      endWatch();
      ended.abort();
      ring();
    },
    ended: ended.signal,
  };
}
