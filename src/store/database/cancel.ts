import { setTimeout as delay } from "node:timers/promises";

import { requestCancel } from "./cancel-request.ts";
import type { Lease } from "./pool.ts";
import { sessionOf } from "./session-of.ts";

// Most statements end sooner by themselves, and PostgreSQL starts a process for each request. Repeated, because a
// request hits nothing while the statement is not sent yet or stands between two messages of the protocol.
const CANCEL_EVERY_MS = 50;

/**
 * The statement's result. An aborted signal makes PostgreSQL cancel the statement. Settles when the statement has ended
 * and no cancellation can hit what follows on its connection: a cancellation names a connection, not a statement, and
 * travels separately. Where that cannot be established, the connection is retired. The `cancel` of postgres.js does not
 * report when it arrived, and ends the process when it cannot connect.
 */
export async function cancelWhenAborted<Result>(
  query: Promise<Result>,
  { client, retire }: Lease,
  signal: AbortSignal,
): Promise<Result> {
  let isRunning = true;
  let cancelling: Promise<void> | undefined;
  const cancel = async () => {
    // Prepared only on demand: hardly any statement is cancelled.
    const ended = query.then(noop, noop);
    for (;;) {
      await Promise.race([ended, delay(CANCEL_EVERY_MS)]);
      if (!isRunning) return;
      const backend = sessionOf(query);
      if (backend !== null && !(await requestCancel(client.options, backend))) return retire();
    }
  };
  const start = () => {
    cancelling = cancel();
  };
  signal.addEventListener("abort", start, { once: true });
  try {
    return await query;
  } finally {
    isRunning = false;
    signal.removeEventListener("abort", start);
    await cancelling;
  }
}

function noop(): void {}
