import { databaseAway, isConnectionLoss, isUnreachable, READ_ONLY, sqlState } from "../../model/errors.ts";
import { isReachable } from "./ask-once.ts";
import { type Client, type ConnectOptions, openClient } from "./driver.ts";
import { createSilenceWatch } from "./liveness.ts";
import type { Host, PrimaryHost } from "./primary-host.ts";
import { createSlots, type SlotLoad } from "./semaphore.ts";
import { refuseStandby } from "./standby.ts";

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
export function createPool(primary: PrimaryHost, options: ConnectOptions): Pool {
  const { allowStandby = false } = options;
  const slots = createSlots(options.poolSize, options.poolTimeoutMs);
  const open = new Map<Client, Host>();
  // The one that was used last is lent first: it knows the most statements.
  const idle: Client[] = [];
  // A server becomes a standby only by a start, which ends its connections.
  const checked = new WeakSet<Client>();
  // Where the idle are connected to.
  let latest: Host | null = null;
  let asking: Promise<boolean> | null = null;
  let ended = false;

  // However many statements wait, one connection asks for all of them.
  const isThere = () => {
    asking ??= isReachable(latest?.url ?? "").finally(() => {
      asking = null;
    });
    return asking;
  };
  const connectTo = (host: Host) => {
    const client = openClient(host.url, options, 1, () => {
      checked.delete(client);
      if (open.has(client)) primary.doubt(host);
    });
    open.set(client, host);
    return client;
  };
  const drop = (client: Client) => {
    if (open.delete(client)) void client.end({ timeout: 0 });
  };
  const lend = (host: Host) => {
    if (host !== latest) for (const client of idle.splice(0)) drop(client);
    latest = host;
    return idle.pop() ?? connectTo(host);
  };
  // A connection over a network that was cut never ends by itself: all are given up together, for new ones.
  const giveUp = (silent: Client) => {
    const host = open.get(silent);
    if (host === undefined) return;
    if (host === latest) idle.length = 0;
    for (const [client, other] of open) if (other === host) drop(client);
    primary.doubt(host);
  };

  const check = async (client: Client) => {
    await refuseStandby(client);
    checked.add(client);
  };

  const silence = createSilenceWatch(isThere, longestSilence(options));

  const runOn = <Result>(host: Host, work: (lease: Lease) => Promise<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      const client = lend(host);
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
        if (isSpent || open.get(client) !== latest) drop(client);
        else idle.push(client);
      };
      const fail = (error: unknown) => {
        // The driver may not have noticed yet what is broken, and would send the next statement to nowhere.
        isSpent ||= isConnectionLoss(error);
        if (sqlState(error) === READ_ONLY) primary.leave(host);
        else if (isUnreachable(error)) primary.doubt(host);
        end();
        reject(error);
      };
      const lease = { client, touch: watch.touch, retire };
      const done = allowStandby || checked.has(client) ? work(lease) : check(client).then(() => work(lease));
      done.then((result) => {
        end();
        resolve(result);
      }, fail);
    });

  return {
    async use(work, signal) {
      if (signal?.aborted) throw databaseAway();
      const release = await slots.take(signal);
      try {
        const host = await primary.find();
        if (signal?.aborted || ended) throw databaseAway();
        return await runOn(host, work);
      } finally {
        release();
      }
    },
    load: slots.load,
    async end() {
      ended = true;
      await Promise.all([...open.keys()].map((client) => client.end({ timeout: DRAIN_SECONDS })));
    },
  };
}

// A statement that the database should have cancelled by now goes over a connection that leads nowhere.
function longestSilence({ statementTimeoutMs }: ConnectOptions): number {
  return statementTimeoutMs === 0 ? Number.POSITIVE_INFINITY : statementTimeoutMs + CANCELLED_WITHIN_MS;
}
