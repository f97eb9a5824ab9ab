import { request as send } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import type { Watched, WatchLoad } from "./watchers.ts";

// A separate process, so that the cost of watching counts for no contender.
process.on("message", async (load: WatchLoad) => {
  process.send?.(await run(load));
});
process.on("disconnect", () => process.exit());

const EVENT = Buffer.from("data: {");
// What is under way has come when nothing comes for so long.
const QUIET_MS = 500;

/** Watches, appends at a steady pace, and waits until every watcher has got what it gets. */
async function run({ origin, watch, watchers, append, seconds, perSecond }: WatchLoad): Promise<Watched> {
  const sockets: Socket[] = [];
  let events = 0;
  let lastAt = 0;
  const open = () =>
    new Promise<void>((resolve, reject) => {
      const sent = send(`${origin}${watch.path}`, { agent: false, headers: watch.headers }, (response) => {
        sockets.push(response.socket);
        response.on("data", (data: Buffer) => {
          lastAt = performance.now();
          for (let at = data.indexOf(EVENT); at >= 0; at = data.indexOf(EVENT, at + 1)) events += 1;
        });
        resolve();
      });
      sent.on("error", reject).end();
    });
  for (let opened = 0; opened < watchers; opened += 1) await open();
  await delay(QUIET_MS);
  process.send?.("watching");
  const bytesRead = () => sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
  const before = bytesRead();
  const { path, method, headers, body = null } = append;
  const start = performance.now();
  let appends = 0;
  for (; performance.now() - start < seconds * 1000; appends += 1) {
    const answer = await fetch(origin + path, { method, headers, body });
    const text = await answer.text();
    if (answer.status !== 200 || text.includes('"errors"')) throw new Error(text);
    await delay(Math.max(0, start + ((appends + 1) * 1000) / perSecond - performance.now()));
  }
  while (performance.now() - lastAt < QUIET_MS) await delay(QUIET_MS / 5);
  const elapsed = lastAt - start;
  const bytes = bytesRead() - before;
  for (const socket of sockets) socket.destroy();
  return { appends, events, bytes, seconds: elapsed / 1000 };
}
