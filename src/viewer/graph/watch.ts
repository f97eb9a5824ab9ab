import type { AnyVariables, Client, CombinedError, TypedDocumentNode } from "@urql/core";

import { codeOf } from "./errors.ts";
import { exactFetch } from "./exact-fetch.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** A subscription that is to stay open. */
export interface Watch<Data, Variables extends AnyVariables> {
  document: TypedDocumentNode<Data, Variables>;
  /** The variables of each connection: those of a later one name where it goes on. */
  variables(): Variables;
  /** Called when a connection stands or has failed: what is read from then on misses no later event. */
  onSettled?(): void;
  onData(data: Data): void;
  /** Called with each failure, and with null once there is a connection again. */
  onError?(error: CombinedError | null): void;
}

// With these the next attempt may be answered otherwise. An answer to the request itself stays what it is.
const PASSING = new Set([null, "SERVICE_UNAVAILABLE", "TIMEOUT", "LIMIT_EXCEEDED", "INTERNAL_SERVER_ERROR"]);

/**
 * Watches until the function that comes back is called. A connection that breaks is made again, after pauses that double; not
 * one that the server refuses for what was asked. While the tab is hidden there is none: a browser opens six to one server at a time, for all tabs together.
 */
export function watch<Data, Variables extends AnyVariables>(
  client: Client,
  watched: Watch<Data, Variables>,
): () => void {
  let pause = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let close: (() => void) | null = null;

  function open(): void {
    let isSettled = false;
    const settle = (isOpen: boolean) => {
      if (isSettled) return;
      isSettled = true;
      if (isOpen) watched.onError?.(null);
      watched.onSettled?.();
    };
    const fetchAndSettle: typeof fetch = async (...request) => {
      const response = await exactFetch(...request);
      if (response.ok) settle(true);
      return response;
    };
    const again = () => {
      settle(false);
      close = null;
      timer = setTimeout(open, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    };
    const { unsubscribe } = client
      .subscription(watched.document, watched.variables(), { fetch: fetchAndSettle })
      .subscribe(({ data, error, hasNext }) => {
        if (data) {
          pause = FIRST_PAUSE_MS;
          watched.onData(data);
        }
        if (error) watched.onError?.(error);
        if (error === undefined && hasNext) return;
        unsubscribe();
        if (error === undefined || PASSING.has(codeOf(error))) again();
        else settle(false);
      });
    close = unsubscribe;
  }

  function follow(): void {
    clearTimeout(timer);
    if (document.hidden) {
      close?.();
      close = null;
    } else if (close === null) {
      open();
    }
  }

  document.addEventListener("visibilitychange", follow);
  follow();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    clearTimeout(timer);
    close?.();
  };
}
