import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { zstdDecompressSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type RunningServer, startServer } from "../harness/program.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";
import { tell } from "./callers.ts";
import { installedProgram } from "./installed.ts";
import { type Nginx, startNginx } from "./nginx.ts";
import { type Stage, setStage } from "./stage.ts";

const program = installedProgram("nginx");
const name = program === null ? "nginx (skipped: this machine has no nginx)" : "nginx";

describe.skipIf(program === null)(name, () => {
  let stage: Stage;
  let server: RunningServer;
  let nginx: Nginx;
  beforeAll(async () => {
    stage = await setStage();
    server = await startServer({ DATABASE_URL: stage.cluster.url, COMPRESSION: "all" });
    nginx = await startNginx(program ?? "", server.url);
  });
  afterAll(async () => {
    await nginx.stop();
    await server.stop("SIGTERM");
    await stage.close();
  });

  function open(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request(url, { agent: false, headers }, resolve).on("error", reject).end();
    });
  }

  test("a watcher behind nginx as it is by default hears of each turn at once", async () => {
    const through = { origin: nginx.byDefault };
    const conversationId = await create(through);
    const watching = await watch(through, { conversationId });
    for (let said = 1; said <= 20; said += 1) {
      const startedAt = performance.now();
      await append(through, { conversationId, turn: says("hello") });
      expect(await watching.take(1)).toMatchObject([{ position: said }]);
      expect(performance.now() - startedAt).toBeLessThan(5000);
    }
    watching.leave();
  });

  test("compressed events come through at once, and so does a compressed page", async () => {
    const { byDefault: origin } = nginx;
    const conversationId = await create({ origin }, { turns: Array(50).fill(says("hello")) });
    const query = encodeURIComponent(
      `subscription { turnChanged(conversationId: "${conversationId}", afterRevision: 0) { turn { position } } }`,
    );
    const url = `${origin}/graphql?query=${query}`;
    const events = await open(url, { accept: "text/event-stream", "accept-encoding": "zstd" });
    expect(events.headers["content-encoding"]).toBe("zstd");
    events.destroy();
    const page = `${origin}/graphql?query=${encodeURIComponent(`{ conversation(id: "${conversationId}") { turns(first: 50) { nodes { id role } } } }`)}`;
    const [coded, plain] = [await open(page, { "accept-encoding": "zstd, gzip" }), await open(page, {})];
    expect([coded.headers["content-encoding"], coded.headers.vary]).toEqual(["zstd", "origin, accept-encoding"]);
    expect(zstdDecompressSync(await buffer(coded)).equals(await buffer(plain))).toBe(true);
  });

  test("connections that nginx keeps give no 502, also where one is idle until nginx closes it", async () => {
    const statuses = new Map<number, number>();
    const ask = async (origin: string) => {
      const { status } = await fetch(`${origin}/openai/v1/conversations`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    };
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 16 }, () => [ask(nginx.keepingAlive), ask(nginx.keepingBriefly)]).flat());
      // Around the second after which nginx closes them.
      await delay(900 + 10 * round);
    }
    tell(`640 requests over connections that nginx keeps: ${JSON.stringify(Object.fromEntries(statuses))}`);
    expect([...statuses.keys()]).toEqual([200]);
  });
});
