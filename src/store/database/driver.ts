import postgres from "postgres";

import { parseJson } from "../../model/json.ts";
import { hostOption } from "./database-url.ts";
import { dialOptions } from "./dial.ts";

export interface ConnectOptions {
  /** The most connections that are open at once. */
  poolSize: number;
  /** Milliseconds that a statement waits for a connection, at most. */
  poolTimeoutMs: number;
  /** Milliseconds after which PostgreSQL cancels a statement; 0 for never. */
  statementTimeoutMs: number;
  /** Milliseconds that a statement waits for a lock; 0 for no limit. */
  lockTimeoutMs: number;
  /**
   * Whether statements are prepared. False behind a pooler in transaction mode, which also takes no timeouts from its
   * callers: they are the database account's then.
   */
  prepare: boolean;
  /** Whether Citus keeps the tables on several machines; when omitted, they are all on the one. */
  distributed?: boolean | undefined;
  /**
   * Asked once of each connection, before its first result counts. Rejects where the connection leads to another server
   * than it should. When omitted, standbys are refused.
   */
  checkSession?: ((client: Client) => Promise<void>) | undefined;
  /** The URL to listen on, as a pooler does not forward notifications; when omitted, the database's own. */
  listenUrl?: string | undefined;
}

export type Client = ReturnType<typeof openClient>;
export type TransactionClient = Parameters<Parameters<Client["begin"]>[1]>[0];

const CONNECT_TIMEOUT_SECONDS = 1.8;
// postgres.js would ask each new connection for the array types, and the error of a connection that breaks at that
// moment is caught nowhere: the process would end. The one array type in use is defined below.
export const FETCH_TYPES = false;
const IDLE_IN_TRANSACTION_MS = 10_000;

// PostgreSQL would plan most statements again each time, which takes several times as long as running them. Citus makes no plan
// without the project, which decides on the machine.
const KEPT_PLANS = "force_generic_plan";
const PLANS_BY_VALUES = "auto";

// A plan that is kept must not be one for tables that are still small, or empty for the moment as `turn_chunks` is: every
// statement has an index. Before PostgreSQL 18 a table that is read through all the same counts as so costly that the statement
// would be compiled first.
const FOR_LARGE_TABLES = { enable_seqscan: "off", jit: "off" };

// Citus spells instants into the statements that it sends to workers, and PostgreSQL does not read all that it writes in other
// styles.
const READ_EVERYWHERE = { TimeZone: "UTC", DateStyle: "ISO" };

/**
 * A postgres.js client of up to `max` connections to the URL's one host, with this program's types. Connects at its
 * first use. Calls `onClose` for each connection that ends, before its statements settle, and `onNotify` for each
 * notification, over a connection without a maximum age.
 */
export function openClient(
  url: string,
  options: ConnectOptions,
  max: number,
  onClose = () => {},
  onNotify?: (channel: string, message: string) => void,
) {
  const client = postgres(url, {
    ...hostOption(url),
    ...dialOptions(onClose),
    // An option that postgres.js' types omit.
    ...(onNotify && { onnotify: onNotify, max_lifetime: null }),
    max,
    fetch_types: FETCH_TYPES,
    // Holds for postgres.js' own statements too. It retries a COMMIT that a pooler's other session had prepared, and
    // the retry ends a failed transaction that its caller takes for committed.
    prepare: options.prepare,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    // The default grows to 20 seconds, which callers would wait although the database is back. The first attempt is
    // immediate.
    backoff: (retries) => Math.min(0.05 * (2 ** retries - 1), 0.5),
    connection: {
      application_name: "conversation-graph",
      ...(options.prepare && {
        ...timeouts(options),
        plan_cache_mode: options.distributed ? PLANS_BY_VALUES : KEPT_PLANS,
        ...FOR_LARGE_TABLES,
      }),
      ...(options.distributed && READ_EVERYWHERE),
    },
    types: {
      instant: INSTANT_TYPE,
      milliseconds: MILLISECONDS_TYPE,
      otherTimes: OTHER_TIMES_TYPE,
      json: JSON_TYPE,
      texts: TEXTS_TYPE,
    },
    onnotice: () => {},
  });
  forgetOrigins(client.unsafe(""));
  return client;
}

/**
 * Stops postgres.js from recording the place in the program where each statement was written, which nothing reads. It
 * would keep the text of every statement that fails in a map forever, and callers can make any number fail.
 */
function forgetOrigins(query: object): void {
  Object.defineProperty(Object.getPrototypeOf(query), "origin", { value: "" });
}

function timeouts({ statementTimeoutMs, lockTimeoutMs }: ConnectOptions) {
  return {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    // A transaction of a server that died between two statements must not keep its locks.
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}

// An instant is sent in ISO 8601 with its zone, and read in milliseconds: see `toMilliseconds`.
const INSTANT_TYPE = {
  to: 1184,
  from: [1184],
  serialize: (instant: Date | string) => (typeof instant === "string" ? instant : instant.toISOString()),
  parse: refuse,
};

// No other value that is read is a bigint: counts are integers.
const MILLISECONDS_TYPE = {
  to: 20,
  from: [20],
  serialize: String,
  parse: (milliseconds: string) => new Date(Number(milliseconds)),
};

// Dates, times, timestamps without a zone, and intervals.
const OTHER_TIMES_TYPE = { to: 1114, from: [1082, 1083, 1114, 1186, 1266], serialize: String, parse: refuse };

// A time that is guessed would be stored and exported.
function refuse(text: string): never {
  throw new Error(`A statement reads ${text}, which the session's settings spell: it is to be read by toMilliseconds.`);
}

// A json parameter is the text to store; a value that is read keeps the digits of its numbers.
const JSON_TYPE = {
  to: 114,
  from: [114, 3802],
  serialize: (text: string) => text,
  parse: parseJson,
};

// An array of texts in PostgreSQL's spelling. Parameters only: no statement returns one.
const TEXTS_TYPE = {
  to: 1009,
  from: [1009],
  serialize: (texts: readonly (string | null)[]) => `{${texts.map(quote).join(",")}}`,
  parse: (literal: string) => literal,
};

function quote(text: string | null): string {
  return text === null ? "NULL" : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
