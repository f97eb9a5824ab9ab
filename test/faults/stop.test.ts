import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";
import { document, READS, tell } from "./callers.ts";
import { countRunning, type Stage, setStage, whileTablesLocked } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const QUERY = document("{ conversations(first: 5) { totalCount nodes { id turns(first: 3) { nodes { id } } } } }");

interface Reply {
  status: number | undefined;
  /** Whether the server said that it was the last one on this connection. */
  last: boolean;
}

/** Sends the query on the agent's connection. */
function ask(origin: string, agent: Agent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = request(`${origin}/graphql`, { agent, method: "POST", headers }, async (response) => {
      await text(response);
      resolve({ status: response.statusCode, last: response.headers.connection === "close" });
    });
    sent.on("error", reject).end(QUERY.body);
  });
}

test("SIGTERM under 40 callers: each request that was sent is answered, subscriptions complete, exit within 10 s", async () => {
  const { origin, stop } = await stage.serve();
  const conversationId = await create({ origin }, { turns: [says("one")] });
  const watchers = await Promise.all(Array.from({ length: 5 }, () => watch({ origin }, { conversationId })));
  await append({ origin }, { conversationId, turn: says("two") });
  // A client's connection for later, which never comes.
  const { hostname, port } = new URL(origin);
  const unused = connect(Number(port), hostname);
  await once(unused, "connect");
  for (const watcher of watchers) await watcher.take(1);

  let answered = 0;
  // A caller on a connection of its own, until an answer says that it is the last one there.
  const callUntilLast = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let last = false; !last; answered += 1) {
      const reply = await ask(origin, agent);
      expect(reply.status).toBe(200);
      last = reply.last;
    }
    agent.destroy();
  };
  const calling = Promise.all(Array.from({ length: 40 }, callUntilLast));
  await vi.waitUntil(() => answered >= 400, { timeout: 20_000 });
  const askedAt = performance.now();
  const stopped = stop("SIGTERM");
  await calling;
  const answeredAt = performance.now();
  expect(await Promise.all(watchers.map((watcher) => watcher.next()))).toEqual(watchers.map(() => null));
  expect(await stopped).toMatchObject({ status: 0, stderr: "" });
  unused.destroy();
  const took = performance.now() - askedAt;
  expect(took).toBeLessThan(10_000);
  expect(performance.now() - answeredAt).toBeLessThan(2000);
  tell(
    `SIGTERM under 40 callers: ${answered} requests, 0 failed, 5 subscriptions completed, exit in ${Math.round(took)} ms`,
  );
});

test("what waits for the database when SIGTERM comes is answered", async () => {
  const { origin, stop } = await stage.serve({ LOCK_TIMEOUT_MS: "60000" });
  let answers: Promise<number[]> | undefined;
  let stopped: ReturnType<typeof stop> | undefined;
  await whileTablesLocked(stage.admin, ["conversations"], async () => {
    answers = Promise.all(READS.map(async (read) => (await read(origin)).status));
    await vi.waitUntil(async () => (await countRunning(stage.admin)) >= READS.length, { timeout: 5000 });
    stopped = stop("SIGTERM");
    await vi.waitUntil(
      () =>
        fetch(`${origin}/health/live`).then(
          () => false,
          () => true,
        ),
      { timeout: 5000 },
    );
  });
  expect(await answers).toEqual([200, 200, 200]);
  expect(await stopped).toMatchObject({ status: 0, stderr: "" });
});

test("an answer that its caller takes slowly arrives whole when SIGTERM comes", async () => {
  const { origin, stop } = await stage.serve();
  const path = "/graphql/graphiql.js";
  const { length } = Buffer.from(await (await fetch(origin + path)).arrayBuffer());
  const { hostname, port } = new URL(origin);
  const slow = connect(Number(port), hostname).pause();
  slow.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  // The whole answer has been written by then, as far as the server is concerned.
  await vi.waitUntil(() => slow.bytesWritten > 0 && fetch(`${origin}/health/live`).then(() => true), { timeout: 5000 });
  await delay(500);
  const stopped = stop("SIGTERM");
  await delay(1000);
  const answer = await buffer(slow);
  const head = answer.indexOf("\r\n\r\n") + 4;
  expect(answer.length - head).toBe(length);
  expect(await stopped).toMatchObject({ status: 0, stderr: "" });
});

test("what a caller has sent without waiting for answers is answered when SIGTERM comes, and told where that ends", async () => {
  const { origin, stop } = await stage.serve({ LOCK_TIMEOUT_MS: "60000" });
  const { hostname, port } = new URL(origin);
  const caller = connect(Number(port), hostname);
  let stopped: ReturnType<typeof stop> | undefined;
  await whileTablesLocked(stage.admin, ["conversations"], async () => {
    caller.write("GET /openai/v1/conversations HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100));
    await vi.waitUntil(async () => (await countRunning(stage.admin)) >= 1, { timeout: 5000 });
    stopped = stop("SIGTERM");
    await vi.waitUntil(
      () =>
        fetch(origin)
          .catch(() => "refused")
          .then((answer) => answer === "refused"),
      { timeout: 5000 },
    );
  });
  const answers = (await text(caller)).split("HTTP/1.1 ").slice(1);
  expect(answers.map((answer) => answer.slice(0, 3))).toEqual(Array(100).fill("200"));
  expect(answers.findIndex((answer) => /^connection: close\r$/im.test(answer))).toBe(99);
  expect(await stopped).toMatchObject({ status: 0, stderr: "" });
});
