import { databaseAway, isConnectionLoss, isUnreachable, READ_ONLY, sqlState } from "../../model/errors.ts";
import { isReachable } from "./ask-once.ts";
import { type Client, type ConnectOptions, openClient } from "./driver.ts";
import { createLivenessWatch } from "./liveness.ts";
import { createPreparations, type PreparedStatements } from "./prepared-statements.ts";
import type { Host, PrimaryHost } from "./primary-host.ts";
import { beginStatement, endStatement, failHeld, type Requester } from "./requester.ts";
import { createSemaphore, type SemaphoreLoad } from "./semaphore.ts";
import { refuseStandby, seemsStandby } from "./standby.ts";

interface Connection {
  readonly client: Client;
  /** The connection's prepared statements; null behind a pooler, where a session does not belong to the connection. */
  readonly prepared: PreparedStatements | null;
}

/** A connection that one piece of work has to itself. */
export interface Lease extends Connection {
  /** To be called after each answer of the database. */
  touch(): void;
  /** Closes the connection after the work: a cancellation may still be on its way to it. */
  retire(): void;
}

/** Connections to one database. No wait for one outlasts the point where an answer is still possible. */
export interface Pool {
  /**
   * Runs the work, which must reject and not throw, on the next connection that the caller's share allows.
   * SERVICE_UNAVAILABLE when none becomes free in time, when the database falls silent, and when the request is
   * abandoned before the work begins. Work without a requester is the server's own and goes first.
   */
  use<Result>(work: (lease: Lease) => Promise<Result>, requester?: Requester): Promise<Result>;
  /** Waits for running work, 5 seconds at most, then closes every connection. */
  end(): Promise<void>;
  /** How busy the pool is now. */
  load(): SemaphoreLoad;
}

// The most time that PostgreSQL needs to cancel a statement after its timeout.
const CANCELLED_WITHIN_MS = 1000;
const DRAIN_SECONDS = 5;
const SERVER = { caller: null, signal: undefined };

/**
 * A pool of `options.poolSize` connections, none of which opens before its first use. Each is a postgres.js client of
 * its own: a client of several connections chooses where a statement goes, even to a connection that is breaking or
 * has a statement that is still being cancelled.
 */
export function createPool(primary: PrimaryHost, options: ConnectOptions): Pool {
  const { checkSession } = options;
  const slots = createSemaphore(options.poolSize, options.poolTimeoutMs, options.distributed);
  const open = new Map<Connection, Host>();
  // The connection that was used last is lent first: it has the most statements prepared.
  const idle: Connection[] = [];
  // Connections that were found to lead where they should: all of those with a check, else those of what PostgreSQL
  // called a standby when they opened.
  const checked = new WeakSet<Connection>();
  // The host of the idle connections.
  let latest: Host | null = null;
  const preparations = options.prepare ? createPreparations() : null;
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
      checked.delete(connection);
      if (open.has(connection)) primary.doubt(host);
    });
    const connection: Connection = { client, prepared: preparations?.() ?? null };
    open.set(connection, host);
    return connection;
  };
  const drop = (connection: Connection) => {
    if (open.delete(connection)) void connection.client.end({ timeout: 0 });
  };
  const lend = (host: Host) => {
    if (host !== latest) for (const connection of idle.splice(0)) drop(connection);
    latest = host;
    return idle.pop() ?? connectTo(host);
  };
  // A connection over a cut network never ends by itself. The idle ones may be as dead as the silent one. Those in use
  // have their own watch, and may well be answered while the database is there.
  const giveUp = (silent: Connection, isDatabaseThere: boolean) => {
    const host = open.get(silent);
    if (host === undefined) return;
    const others = isDatabaseThere ? (host === latest ? idle : []) : open.keys();
    for (const connection of [silent, ...others]) if (open.get(connection) === host) drop(connection);
    if (host === latest) idle.length = 0;
    primary.doubt(host);
  };

  const check = async <Result>(connection: Connection, result: Result): Promise<Result> => {
    await (checkSession ?? refuseStandby)(connection.client);
    checked.add(connection);
    return result;
  };

  const silence = createLivenessWatch(isThere, longestSilence(options));

  const runOn = <Result>(host: Host, work: (lease: Lease) => Promise<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      const connection = lend(host);
      const { client, prepared } = connection;
      let isSpent = false;
      const retire = () => {
        isSpent = true;
      };
      const watch = silence.begin((isDatabaseThere) => {
        giveUp(connection, isDatabaseThere);
        reject(databaseAway());
      });
      const end = () => {
        watch.end();
        if (isSpent || prepared?.isFull() || open.get(connection) !== latest) drop(connection);
        else idle.push(connection);
      };
      const fail = (error: unknown) => {
        // postgres.js may not have noticed the break yet, and would send the next statement nowhere.
        isSpent ||= isConnectionLoss(error);
        if (sqlState(error) === READ_ONLY) primary.leave(host);
        else if (isUnreachable(error)) primary.doubt(host);
        end();
        reject(error);
      };
      const succeed = (result: Result) => {
        end();
        resolve(result);
      };
      work({ client, prepared, touch: watch.touch, retire }).then((result) => {
        if (checked.has(connection) || (checkSession === undefined && !seemsStandby(client))) succeed(result);
        else check(connection, result).then(succeed, fail);
      }, fail);
    });

  return {
    async use(work, requester) {
      const { caller, signal } = requester ?? SERVER;
      const held = requester === undefined ? null : beginStatement(requester);
      if (held !== null) await held;
      try {
        if (signal?.aborted) throw databaseAway();
        const slot = slots.take(caller, signal);
        if (slot.waited !== null) await slot.waited;
        try {
          const host = await primary.find();
          if (signal?.aborted || ended) throw databaseAway();
          return await runOn(host, work);
        } finally {
          slot.release();
        }
      } catch (error) {
        if (requester !== undefined) failHeld(requester, error);
        throw error;
      } finally {
        if (requester !== undefined) endStatement(requester);
      }
    },
    load: slots.load,
    async end() {
      ended = true;
      await Promise.all([...open.keys()].map(({ client }) => client.end({ timeout: DRAIN_SECONDS })));
    },
  };
}

// A statement that the database should have cancelled by now is on a connection that leads nowhere.
function longestSilence({ statementTimeoutMs }: ConnectOptions): number {
  return statementTimeoutMs === 0 ? Number.POSITIVE_INFINITY : statementTimeoutMs + CANCELLED_WITHIN_MS;
}
