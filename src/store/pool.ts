import { databaseAway } from "../errors.ts";
import { type Client, type ConnectOptions, isReachable, openClient } from "./driver.ts";
import { createSlots, type SlotLoad } from "./slots.ts";

/** Connections to one database, of which none is waited for longer than it may still answer. */
export interface Pool {
  /**
   * Runs the work on a client when a connection is free for it; the work calls `touch` after each answer of the
   * database. SERVICE_UNAVAILABLE when no connection becomes free in time, when the database falls silent, and when the
   * signal was aborted before the work could begin.
   */
  use<Result>(work: (client: Client, touch: () => void) => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** Waits for what runs, some seconds at most, then closes every connection. */
  end(): Promise<void>;
  /** How busy it is now. */
  load(): SlotLoad;
}

// A statement may take its time, but a database that is there answers a new connection at once.
const ASK_AFTER_MS = 1000;
const DRAIN_SECONDS = 5;

/** A pool of `options.poolSize` connections. Opens none before its first use. */
export function createPool(url: string, options: ConnectOptions): Pool {
  const slots = createSlots(options.poolSize, options.poolTimeoutMs);
  let client = openClient(url, options, options.poolSize);
  let asking: Promise<boolean> | null = null;

  // However many statements wait, one connection asks for all of them.
  const isThere = () => {
    asking ??= isReachable(url).finally(() => {
      asking = null;
    });
    return asking;
  };
  // A connection over a network that was cut never ends by itself: all are given up together, for new ones.
  const giveUp = (silent: Client) => {
    if (client !== silent) return;
    client = openClient(url, options, options.poolSize);
    void silent.end({ timeout: 0 });
  };

  return {
    async use(work, signal) {
      const release = await slots.take();
      if (signal?.aborted) {
        release();
        throw databaseAway();
      }
      const used = client;
      const watch = watchForSilence(isThere, longestSilence(options));
      const silence = watch.silent.then(() => {
        giveUp(used);
        throw databaseAway();
      });
      try {
        return await Promise.race([work(used, watch.touch), silence]);
      } finally {
        watch.end();
        release();
      }
    },
    end: () => client.end({ timeout: DRAIN_SECONDS }),
    load: slots.load,
  };
}

interface Watch {
  /** Something was heard. */
  touch(): void;
  /** Resolves when nothing was heard for a while and nobody is there, or for too long in any case; else never. */
  silent: Promise<void>;
  end(): void;
}

// A statement that the database should have cancelled by now goes over a connection that leads nowhere.
function longestSilence({ statementTimeoutMs }: ConnectOptions): number {
  return statementTimeoutMs === 0 ? Number.POSITIVE_INFINITY : statementTimeoutMs + ASK_AFTER_MS;
}

function watchForSilence(isThere: () => Promise<boolean>, longestMs: number): Watch {
  const { promise: silent, resolve } = Promise.withResolvers<void>();
  let heard = 0;
  let heardAt = performance.now();
  let ended = false;
  let timer: NodeJS.Timeout;
  const listen = () => {
    const before = heard;
    timer = setTimeout(async () => {
      const isLate = performance.now() - heardAt >= longestMs;
      const isAway = isLate || (heard === before && !(await isThere()) && heard === before);
      if (ended) return;
      if (isAway) resolve();
      else listen();
    }, ASK_AFTER_MS);
  };
  listen();
  return {
    touch() {
      heard += 1;
      heardAt = performance.now();
    },
    silent,
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
