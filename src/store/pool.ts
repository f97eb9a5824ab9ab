import { databaseAway, isConnectionLoss } from "../errors.ts";
import { type Client, type ConnectOptions, isReachable, openClient } from "./driver.ts";
import { createSlots, type SlotLoad } from "./slots.ts";

/** A connection that one piece of work has to itself. */
export interface Lease {
  readonly client: Client;
  /** To be called after each answer of the database. */
  touch(): void;
  /** Has the connection closed after the work: what was done there may still reach whoever would get it next. */
  retire(): void;
}

/** Connections to one database, of which none is waited for longer than it may still answer. */
export interface Pool {
  /**
   * Runs the work when a connection is free for it. SERVICE_UNAVAILABLE when none becomes free in time, when the database
   * falls silent, and when the signal was aborted before the work could begin.
   */
  use<Result>(work: (lease: Lease) => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** Waits for what runs, some seconds at most, then closes every connection. */
  end(): Promise<void>;
  /** How busy it is now. */
  load(): SlotLoad;
}

// A statement may take its time, but a database that is there answers a new connection at once.
const ASK_AFTER_MS = 1000;
const DRAIN_SECONDS = 5;

/**
 * A pool of `options.poolSize` connections. Opens none before its first use. Each is a client of the driver's of its own:
 * a client of several would choose by itself where a statement goes, be it to a connection that is breaking or whose last
 * statement is still being cancelled.
 */
export function createPool(url: string, options: ConnectOptions): Pool {
  const slots = createSlots(options.poolSize, options.poolTimeoutMs);
  const open = new Set<Client>();
  // The one that was used last is lent first: it knows the most statements.
  const idle: Client[] = [];
  let asking: Promise<boolean> | null = null;
  let ended = false;

  // However many statements wait, one connection asks for all of them.
  const isThere = () => {
    asking ??= isReachable(url).finally(() => {
      asking = null;
    });
    return asking;
  };
  const lend = () => {
    const client = idle.pop() ?? openClient(url, options, 1);
    open.add(client);
    return client;
  };
  const drop = (client: Client) => {
    if (open.delete(client)) void client.end({ timeout: 0 });
  };
  // A connection over a network that was cut never ends by itself: all are given up together, for new ones.
  const giveUp = (silent: Client) => {
    if (!open.has(silent)) return;
    idle.length = 0;
    for (const client of open) drop(client);
  };

  const runOn = async <Result>(client: Client, work: (lease: Lease) => Promise<Result>): Promise<Result> => {
    const watch = watchForSilence(isThere, longestSilence(options));
    const silence = watch.silent.then(() => {
      giveUp(client);
      throw databaseAway();
    });
    let isSpent = false;
    const retire = () => {
      isSpent = true;
    };
    try {
      return await Promise.race([work({ client, touch: watch.touch, retire }), silence]);
    } catch (error) {
      // The driver may not have noticed yet what is broken, and would send the next statement to nowhere.
      isSpent ||= isConnectionLoss(error);
      throw error;
    } finally {
      watch.end();
      if (isSpent) drop(client);
      else if (open.has(client)) idle.push(client);
    }
  };

  return {
    async use(work, signal) {
      if (signal?.aborted) throw databaseAway();
      const release = await slots.take(signal);
      try {
        if (signal?.aborted || ended) throw databaseAway();
        return await runOn(lend(), work);
      } finally {
        release();
      }
    },
    load: slots.load,
    async end() {
      ended = true;
      await Promise.all([...open].map((client) => client.end({ timeout: DRAIN_SECONDS })));
    },
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
