const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SAME_WISH_MS = 1000;

/** The exit status of an interrupted command: what shells give for SIGINT. */
export const INTERRUPTED = 130;

/**
 * A signal that is aborted by the first SIGINT or SIGTERM. A later one ends the process at once, except within the
 * first second: Ctrl-C reaches both npm and this process, and npm passes it on.
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
