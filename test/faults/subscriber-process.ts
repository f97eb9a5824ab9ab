/**
 * Subscribers in a process of their own, on bare sockets: their cost must not count as the server's time. Each message
 * of the parent opens some; the parent gets a message when the server has accepted them, and when all have received a
 * turn.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Subscribe {
  origin: string;
  /** The body of the subscription's request. */
  body: string;
  count: number;
  /** Otherwise they take nothing beyond the head of the answer. */
  reading: boolean;
}

/** When each of the readers heard of the turn, in milliseconds of the machine's clock. */
export interface Heard {
  position: number;
  at: number[];
}

// As many as connect at a time.
const AT_ONCE = 100;
let readers = 0;
const heard = new Map<number, number[]>();

process.on("message", async ({ origin, body, count, reading }: Subscribe) => {
  if (reading) readers += count;
  for (let opened = 0; opened < count; opened += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - opened) }, () => open(new URL(origin), body));
    for (const socket of await Promise.all(some)) {
      if (reading) listen(socket);
      else socket.pause();
    }
  }
  process.send?.("subscribed");
});
process.on("disconnect", () => process.exit());

async function open({ port, hostname }: URL, body: string): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  // The server drops subscribers that do not read, and all of them when it is killed.
  socket.on("error", () => {});
  const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n`;
  socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  await once(socket, "data");
  return socket;
}

function listen(socket: Socket): void {
  let rest = "";
  let last: number | null = null;
  socket.on("data", (data) => {
    const at = Date.now();
    const lines = (rest + data.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, found] = /"position":(\d+)/.exec(line) ?? [];
      if (found === undefined) continue;
      const position = Number(found);
      if (last !== null && position !== last + 1) throw new Error(`Turn ${position} came after turn ${last}.`);
      last = position;
      note(position, at);
    }
  });
}

function note(position: number, at: number): void {
  const times = heard.get(position) ?? [];
  heard.set(position, times);
  times.push(at);
  if (times.length === readers) process.send?.({ position, at: times } satisfies Heard);
}
