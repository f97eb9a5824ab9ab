/** Wakes one waiting reader. A signal that arrives while the reader does not wait is kept for its next wait. */
export interface WakeSignal {
  wake(): void;
  /** Resolves at the next signal, or after so many milliseconds. */
  wait(ms: number): Promise<void>;
  /** Ends the watch and wakes its reader. */
  end(): void;
  readonly ended: AbortSignal;
}

/** A wake signal that has not fired. Calls `endWatch` when the watch ends. */
export function createWakeSignal(endWatch: () => void): WakeSignal {
  const ended = new AbortController();
  let isPending = false;
  let wakeReader = () => {};
  const wake = () => {
    isPending = true;
    wakeReader();
  };
  return {
    wake,
    wait: async (ms) => {
      if (!isPending) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wakeReader = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isPending = false;
    },
    end: () => {
      endWatch();
      ended.abort();
      wake();
    },
    ended: ended.signal,
  };
}
