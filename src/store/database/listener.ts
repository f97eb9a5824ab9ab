import { setTimeout as delay } from "node:timers/promises";

import { databaseAway } from "../../model/errors.ts";
import { type Client, type ConnectOptions, openClient } from "./driver.ts";
import type { PrimaryHost } from "./primary-host.ts";
import { createWakeSignal } from "./wake-signal.ts";

/** Receives notifications, on one connection for all channels. */
export interface Listener {
  /** Calls `onMessage` for each message on the channel, and `onListening` each time it begins to listen. */
  listen(channel: string, onMessage: (message: string) => void, onListening: () => void): void;
  /** Closes the connection; no further message arrives. */
  close(): Promise<void>;
}

interface Subscription {
  channel: string;
  onMessage: (message: string) => void;
  onListening: () => void;
}

// Asks whether PostgreSQL still has the channels: the only sign that the network of a connection was cut.
const CHECK_EVERY_MS = 5000;
const ANSWER_MS = 2000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * A listener that connects at the first `listen`, and again after any failure, with pauses that grow to a second. The
 * `listen` of postgres.js gives up when its first attempt after a loss is refused.
 */
export function createListener(primary: PrimaryHost, options: ConnectOptions): Listener {
  const subscriptions: Subscription[] = [];
  const wakeSignal = createWakeSignal(() => {});
  let running: Promise<void> | null = null;

  const hear = (channel: string, message: string) => {
    for (const subscription of subscriptions) if (subscription.channel === channel) subscription.onMessage(message);
  };
  /** Listens until the connection fails; resolves to whether it ever listened. */
  const listenOnce = async (): Promise<boolean> => {
    const host = await primary.find();
    let isOpen = true;
    const onClose = () => {
      isOpen = false;
      wakeSignal.wake();
    };
    const client = openClient(host.url, options, 1, onClose, hear);
    const close = () => client.end({ timeout: 0 });
    wakeSignal.ended.addEventListener("abort", close, { once: true });
    const listening = new Set<Subscription>();
    try {
      while (isOpen && !wakeSignal.ended.aborted) {
        await listenTo(client, subscriptions, listening);
        await wakeSignal.wait(CHECK_EVERY_MS);
        if (isOpen && !wakeSignal.ended.aborted) await checkChannels(client, listening);
      }
    } catch {
      // Whatever failed, another connection is tried.
    } finally {
      wakeSignal.ended.removeEventListener("abort", close);
      await close();
      primary.doubt(host);
    }
    return listening.size > 0;
  };
  const run = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    while (!wakeSignal.ended.aborted) {
      const hasListened = await listenOnce().catch(() => false);
      pauseMs = hasListened ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      await delay(pauseMs, null, { signal: wakeSignal.ended }).catch(() => {});
    }
  };

  return {
    listen(channel, onMessage, onListening) {
      subscriptions.push({ channel, onMessage, onListening });
      wakeSignal.wake();
      running ??= run();
    },
    async close() {
      wakeSignal.end();
      await running;
    },
  };
}

/** Starts listening, on this connection, to the channels that it does not listen to yet. */
async function listenTo(
  client: Client,
  subscriptions: readonly Subscription[],
  listening: Set<Subscription>,
): Promise<void> {
  for (const subscription of subscriptions) {
    if (listening.has(subscription)) continue;
    await inTime(client.unsafe(`LISTEN "${subscription.channel}"`));
    listening.add(subscription);
    subscription.onListening();
  }
}

async function checkChannels(client: Client, listening: ReadonlySet<Subscription>): Promise<void> {
  const rows = await inTime(client.unsafe("SELECT pg_listening_channels() AS channel"));
  const channels = new Set(rows.map(({ channel }) => channel));
  for (const { channel } of listening) if (!channels.has(channel)) throw databaseAway();
}

function inTime<Result>(answer: PromiseLike<Result>): Promise<Result> {
  const late = delay(ANSWER_MS, null, { ref: false }).then(() => Promise.reject(databaseAway()));
  return Promise.race([answer, late]);
}
