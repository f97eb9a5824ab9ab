const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SAME_WISH_MS = 1000;

/** The exit status of a command that was stopped, as shells give it for SIGINT. */
export const INTERRUPTED = 130;

/**
 * Aborted by the first signal that asks this process to stop. A later one ends the process at once; but Ctrl-C reaches
 * npm and this process, and npm passes it on, so within a second two signals are one.
 */
export function createStopSignal(): AbortSignal {
  const controller = new AbortController();
  let askedAt = 0;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (controller.signal.aborted && Date.now() - askedAt > SAME_WISH_MS) process.exit(INTERRUPTED);
      if (controller.signal.aborted) return;
      askedAt = Date.now();
      controller.abort();
    });
  }
  return controller.signal;
}
