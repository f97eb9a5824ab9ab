import postgres from "postgres";

import { parseJson } from "../../model/json.ts";

export interface ConnectOptions {
  /** The most connections that are open at once. */
  poolSize: number;
  /** How long a statement waits for a connection, at most. */
  poolTimeoutMs: number;
  /** PostgreSQL cancels a statement that runs longer; 0 for never. */
  statementTimeoutMs: number;
  /** PostgreSQL gives up a statement that waits longer for a lock; 0 for never. */
  lockTimeoutMs: number;
  /**
   * Whether statements are prepared; off behind a pooler that hands out a connection per transaction. Such a one takes no
   * timeouts from its callers either: they are the database account's then.
   */
  prepare: boolean;
  /** Where notifications are listened for, which a pooler cannot hand on; the database's own URL when left out. */
  listenUrl?: string | undefined;
}

export type Client = ReturnType<typeof openClient>;
export type TransactionClient = Parameters<Parameters<Client["begin"]>[1]>[0];

const CONNECT_TIMEOUT_SECONDS = 1.8;
// The driver would ask each new connection for the array types, and nobody catches its error when the connection breaks in
// that moment: the process would end. The one array type that is used stands below.
export const FETCH_TYPES = false;
const IDLE_IN_TRANSACTION_MS = 10_000;

// PostgreSQL would plan most statements anew each time, which takes several times as long as running them.
export const KEPT_PLANS = "force_generic_plan";

/**
 * A driver's client of up to `max` connections, which speaks this program's types. Connects at its first use. `onClose` is
 * told of each connection that ends, before anybody hears what became of its statements.
 */
export function openClient(url: string, options: ConnectOptions, max: number, onClose = () => {}) {
  return postgres(url, {
    max,
    onclose: onClose,
    fetch_types: FETCH_TYPES,
    // Of the driver's own statements too: a COMMIT that a pooler's other session had prepared fails, is sent again by the
    // driver, and then ends the failed transaction with everybody taking it for committed.
    prepare: options.prepare,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    // The default grows to 20 seconds, in which callers wait although the database is back. The first try comes at once.
    backoff: (retries) => Math.min(0.05 * (2 ** retries - 1), 0.5),
    connection: {
      application_name: "conversation-graph",
      ...(options.prepare && { ...timeouts(options), plan_cache_mode: KEPT_PLANS }),
      // Instants are read back as text, which has to be in one zone and one format.
      TimeZone: "UTC",
      DateStyle: "ISO",
    },
    types: { instant: INSTANT_TYPE, json: JSON_TYPE, texts: TEXTS_TYPE },
    onnotice: () => {},
  });
}

function timeouts({ statementTimeoutMs, lockTimeoutMs }: ConnectOptions) {
  return {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    // A transaction whose server died between two statements must not hold its locks.
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}

const ASK_SECONDS = 0.7;

/** Whether the database answers a new connection at once, be it by refusing it: a full server is there. */
export async function isReachable(url: string): Promise<boolean> {
  const client = postgres(url, { max: 1, fetch_types: FETCH_TYPES, connect_timeout: ASK_SECONDS, onnotice: () => {} });
  try {
    await client`SELECT 1`;
    return true;
  } catch (error) {
    return error instanceof postgres.PostgresError;
  } finally {
    await client.end({ timeout: 0 });
  }
}

const INSTANT_TYPE = {
  to: 1184,
  from: [1184],
  serialize: (instant: Date | string) => (typeof instant === "string" ? instant : instant.toISOString()),
  // "2024-05-20 10:00:00.123+00" to the one form that every year from 1 to 9999 parses in.
  parse: (text: string) => new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`),
};

// A json parameter is handed over as the text that is to be stored; what is read keeps the digits of its numbers.
const JSON_TYPE = {
  to: 114,
  from: [114, 3802],
  serialize: (text: string) => text,
  parse: parseJson,
};

// An array of texts as PostgreSQL writes one. It only goes in: no statement gives one back.
const TEXTS_TYPE = {
  to: 1009,
  from: [1009],
  serialize: (texts: readonly string[]) => `{${texts.map(quote).join(",")}}`,
  parse: (literal: string) => literal,
};

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
