import { databaseAway, isConnectionLoss } from "../../model/errors.ts";
import { type Client, type ConnectOptions, isReachable, openClient } from "./driver.ts";
import { createSilenceWatch } from "./liveness.ts";
import { createSlots, type SlotLoad } from "./semaphore.ts";

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
   * Runs the work, which must not throw but reject, when a connection is free for it. SERVICE_UNAVAILABLE when none
   * becomes free in time, when the database falls silent, and when the signal was aborted before the work could begin.
   */
  use<Result>(work: (lease: Lease) => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** Waits for what runs, some seconds at most, then closes every connection. */
  end(): Promise<void>;
  /** How busy it is now. */
  load(): SlotLoad;
}

// What PostgreSQL takes at most to cancel a statement whose time is over.
const CANCELLED_WITHIN_MS = 1000;
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

  const silence = createSilenceWatch(isThere, longestSilence(options));

  const runOn = <Result>(client: Client, work: (lease: Lease) => Promise<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      let isSpent = false;
      const retire = () => {
        isSpent = true;
      };
      const watch = silence.begin(() => {
        giveUp(client);
        reject(databaseAway());
      });
      const end = () => {
        watch.end();
        if (isSpent) drop(client);
        else if (open.has(client)) idle.push(client);
      };
      work({ client, touch: watch.touch, retire }).then(
        (result) => {
          end();
          resolve(result);
        },
        (error) => {
          // The driver may not have noticed yet what is broken, and would send the next statement to nowhere.
          isSpent ||= isConnectionLoss(error);
          end();
          reject(error);
        },
      );
    });

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

// A statement that the database should have cancelled by now goes over a connection that leads nowhere.
function longestSilence({ statementTimeoutMs }: ConnectOptions): number {
  return statementTimeoutMs === 0 ? Number.POSITIVE_INFINITY : statementTimeoutMs + CANCELLED_WITHIN_MS;
}
