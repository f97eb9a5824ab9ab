import type { ApiError } from "../../model/errors.ts";
import type { AccessWatch } from "../../store/keys/key-ring.ts";

// Node takes a longer time for none at all.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A watch that ends with the reason at an instant, in milliseconds since 1970. */
export function watchExpiry(instant: number, reason: ApiError): AccessWatch {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const left = instant - Date.now();
    if (left <= 0) controller.abort(reason);
    else timer = setTimeout(look, Math.min(left, LONGEST_TIMER_MS)).unref();
  };
  look();
  return { ended: controller.signal, release: () => clearTimeout(timer) };
}
