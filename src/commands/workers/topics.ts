import type { MetricsSnapshot } from "../../server/telemetry/metrics.ts";

/** What the workers of a server get from the process that starts them. */
export interface Joined {
  /** With the password of the embedded database, which no setting has. */
  databaseUrl: string;
  distributed: boolean;
  poolSize: number;
  /** See `newUserHashKey`. */
  userHashKey: string;
}

/** What one worker lets the others know, by the name of the broadcast. */
export interface News {
  name: string;
  value: unknown;
}

/** What a worker asks of the process that started it. */
export type AskedOfPrimary = {
  join: readonly [null, Joined];
  /** The worker takes requests under this URL. */
  listening: readonly [string, null];
  /** The worker ends, for this reason. */
  failed: readonly [string, null];
  /** The metrics of all workers, in Prometheus' text format. */
  metrics: readonly [null, string];
  /** Answered when all others have taken the news, or are too busy to for a second. */
  spread: readonly [News, null];
};

/** What each worker is asked. */
export type AskedOfWorker = {
  metrics: readonly [null, MetricsSnapshot];
  take: readonly [News, null];
};
