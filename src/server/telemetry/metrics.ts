import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

import type { Answer } from "../../http/answer.ts";
import type { Database } from "../../store/database/client.ts";
import type { SemaphoreLoad } from "../../store/database/semaphore.ts";
import type { KeyRing } from "../../store/keys/key-ring.ts";
import type { Replicas } from "../../store/replicas/replicas.ts";
import type { ChangeFeed } from "../../store/watch/change-feed.ts";
import { measureStored } from "./stored-gauges.ts";

/** The labels and values of one request. Each member has few values: a label that callers choose would fill the memory. */
interface RequestOutcome {
  surface: string;
  /** The type of the GraphQL operation that ran; empty where none did. */
  operation: string;
  status: number;
  seconds: number;
}

/** What a process counts at one moment, as values. */
export type MetricsSnapshot = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** Counts for operators. Labels never hold a project, a user, a key, a text, or a name that a caller chose. */
export interface Metrics {
  request(outcome: RequestOutcome): void;
  /** A caller with this kind of credential was let in (`granted`), or was refused for this reason. */
  access(credential: string, outcome: string): void;
  /** An answer carries an error with this code. */
  error(surface: string, code: string): void;
  /** A document was answered in this form: compiled or resolved. */
  document(form: string): void;
  /** A caller was dropped because it read nothing of its answer. */
  slowReader(): void;
  /** All metrics as of now, in Prometheus' text format: those of all workers where the server has several. Asks no database. */
  expose(): Promise<Answer>;
  /** The same of this process alone, as values. */
  snapshot(): Promise<MetricsSnapshot>;
}

/** What is measured at the moment that the metrics are read. */
export interface MetricsSources {
  database: Database;
  replicas: Replicas | null;
  changes: ChangeFeed;
  ring: KeyRing;
  /** How many subscriptions were one too many for their key so far. */
  subscriptions: { refused(): number };
}

/** The metrics of one process, which begin at zero. `sumOfAll` gives those of all processes of the server, if it has several. */
export function createMetrics(sources: MetricsSources, sumOfAll: (() => Promise<string>) | null): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const registers = [register];
  const requests = new Counter({
    name: "conversation_graph_requests_total",
    help: "Requests that ended, by surface, type of GraphQL operation and HTTP status.",
    labelNames: ["surface", "operation", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "conversation_graph_request_duration_seconds",
    help: "Time from a request to the end of its answer; a subscription's is as long as it was watched.",
    labelNames: ["surface", "operation"],
    registers,
  });
  const errors = new Counter({
    name: "conversation_graph_errors_total",
    help: "Errors in answers, by surface and code; several in one answer count each.",
    labelNames: ["surface", "code"],
    registers,
  });
  const access = new Counter({
    name: "conversation_graph_access_total",
    help: "Requests by what their caller showed to be let in (key, token, none, several; open before the first key), and by outcome: granted, or why not.",
    labelNames: ["credential", "outcome"],
    registers,
  });
  const documents = new Counter({
    name: "conversation_graph_documents_total",
    help: "GraphQL documents that were run, those of the REST lists too, by form: compiled, or resolved field by field.",
    labelNames: ["form"],
    registers,
  });
  const slowReaders = new Counter({
    name: "conversation_graph_slow_readers_dropped_total",
    help: "Callers that took nothing of their answer for SLOW_READER_MS and were dropped.",
    registers,
  });
  measurePools(sources, registers);
  measureQueues(sources, registers);
  measureSubscriptions(sources, registers);
  measureStored(sources.database, registers);
  return {
    request({ surface, operation, status, seconds }) {
      requests.inc({ surface, operation, status });
      durations.observe({ surface, operation }, seconds);
    },
    access: (credential, outcome) => access.inc({ credential, outcome }),
    error: (surface, code) => errors.inc({ surface, code }),
    document: (form) => documents.inc({ form }),
    slowReader: () => slowReaders.inc(),
    expose: async () => ({
      status: 200,
      headers: { "content-type": register.contentType, "cache-control": "no-store" },
      body: await (sumOfAll === null ? register.metrics() : sumOfAll()),
    }),
    snapshot: () => register.getMetricsAsJSON(),
  };
}

const POOL_MEASURES: Record<Exclude<keyof SemaphoreLoad, "refused">, string> = {
  size: "Statements and transactions that a database is asked to run at once, at most: POOL_SIZE.",
  used: "Statements and transactions that a database runs for callers now.",
  waiting: "Statements and transactions that wait for a connection of the pool now.",
};

function measurePools({ database, replicas }: MetricsSources, registers: Registry[]): void {
  for (const [measure, help] of Object.entries(POOL_MEASURES) as [keyof typeof POOL_MEASURES, string][]) {
    new Gauge({
      name: `conversation_graph_pool_${measure}`,
      help,
      labelNames: ["database"],
      registers,
      collect() {
        this.set({ database: "primary" }, database.load()[measure]);
        for (const { host, load } of replicas?.loads() ?? []) this.set({ database: host }, load[measure]);
      },
    });
  }
}

/** What callers wait for in this server, and what they are refused where too many wait, or wait too long. */
function measureQueues({ database, replicas, ring, subscriptions }: MetricsSources, registers: Registry[]): void {
  const pools = () => [database.load(), ...(replicas?.loads() ?? []).map(({ load }) => load)];
  const total = (measure: "waiting" | "refused") => pools().reduce((sum, load) => sum + load[measure], 0);
  new Gauge({
    name: "conversation_graph_waiting",
    help: "What waits now, by what for: a connection of any pool, or the first read of the keys.",
    labelNames: ["reason"],
    registers,
    collect() {
      this.set({ reason: "connection" }, total("waiting"));
      this.set({ reason: "keys" }, ring.load().waiting);
    },
  });
  new Counter({
    name: "conversation_graph_refused_total",
    help: "What was refused because too many waited or it waited too long, by what for: a connection, the keys; or because a key has too many subscriptions open.",
    labelNames: ["reason"],
    registers,
    collect() {
      this.reset();
      this.inc({ reason: "connection" }, total("refused"));
      this.inc({ reason: "keys" }, ring.load().refused);
      this.inc({ reason: "subscription" }, subscriptions.refused());
    },
  });
}

function measureSubscriptions({ changes }: MetricsSources, registers: Registry[]): void {
  new Gauge({
    name: "conversation_graph_subscriptions",
    help: "Subscriptions that are open now.",
    registers,
    collect() {
      this.set(changes.countWatches());
    },
  });
}
