import { setTimeout as delay } from "node:timers/promises";

import { askOnce } from "./ask-once.ts";
import { StandbyError } from "./standby.ts";

/** A server that takes writes. A new object each time its connections must be replaced. */
export interface Host {
  readonly url: string;
}

/** Which of a database's hosts is the primary. */
export interface PrimaryHost {
  /** The primary as far as known. Rejects with the failure of the first host where none is a primary. */
  find(): Promise<Host>;
  /** Reports that the host was not reached: all hosts are asked before its next use. */
  doubt(host: Host): void;
  /** Reports that the host takes no writes: no connection to it is used again. */
  leave(host: Host): void;
}

/**
 * Finds the primary among the hosts. A single host is used without a question. Of several, the primary is the one that
 * takes writes on the latest timeline: a primary that was replaced by a promotion may come back, and writes to it would
 * be lost. A timeline older than one that was seen never counts.
 */
export function createPrimaryHost(urls: readonly string[]): PrimaryHost {
  const [only = "", ...others] = urls;
  return others.length === 0 ? createOnlyHost(only) : createAskedHosts(urls);
}

function createOnlyHost(url: string): PrimaryHost {
  let current: Host = { url };
  return {
    find: async () => current,
    doubt: () => {},
    leave(host) {
      if (host === current) current = { url };
    },
  };
}

// Callers share an answer for so long while no host is the primary.
const ASK_AGAIN_MS = 100;

function createAskedHosts(urls: readonly string[]): PrimaryHost {
  let current: Host | null = null;
  let isSure = false;
  let timeline = 0;
  let asking: Promise<Host> | null = null;

  const ask = async (): Promise<Host> => {
    const found = await findPrimary(urls, timeline);
    timeline = found.timeline;
    // Where only some connections broke, the others are kept.
    if (current?.url !== found.url) current = { url: found.url };
    isSure = true;
    return current;
  };
  const forget = () => {
    asking = null;
  };
  return {
    async find() {
      if (current !== null && isSure) return current;
      if (asking === null) {
        asking = ask();
        asking.then(forget, () => void delay(ASK_AGAIN_MS, null, { ref: false }).then(forget));
      }
      return asking;
    },
    doubt(host) {
      if (host === current) isSure = false;
    },
    leave(host) {
      if (host === current) current = null;
    },
  };
}

const TIMELINE = "CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END";

interface Primary {
  url: string;
  timeline: number;
}

/** The primary among the hosts that answer within a second, on a timeline not below `least`. */
async function findPrimary(urls: readonly string[], least: number): Promise<Primary> {
  const answers = await Promise.allSettled(urls.map((url) => askTimeline(url)));
  const primaries = answers
    .flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    .filter(({ timeline }) => timeline >= least)
    .sort((one, other) => other.timeline - one.timeline);
  const [latest] = primaries;
  if (latest !== undefined) return latest;
  for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
  throw new StandbyError();
}

/** The host with its timeline when it takes writes; empty when it does not. */
async function askTimeline(url: string): Promise<Primary[]> {
  const [row] = await askOnce(url, `SELECT ${TIMELINE} AS timeline`);
  return row?.timeline == null ? [] : [{ url, timeline: Number.parseInt(row.timeline, 16) }];
}
