import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { ask } from "../harness/graphql.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { append, create, readTurns, says } from "../harness/writes.ts";
import { call } from "./callers.ts";
import { postgresPrograms } from "./installed.ts";
import { type ReplicatedDatabase, startReplicated } from "./lagging-replica.ts";
import { startForeignReplica } from "./postgres-server.ts";

const programs = postgresPrograms();
const name = programs === null ? "replicas (skipped: this machine has no pg_basebackup)" : "replicas";

const LIST = "{ conversations(first: 100) { nodes { id } } }";
const CREATE = 'mutation { createConversation(input: { agent: { name: "a" } }) { conversation { id } } }';
const SURFACES = [
  "/graphql?query={conversations{totalCount}}",
  "/openai/v1/conversations",
  "/api/v1/agents/a/conversations",
];

describe.skipIf(programs === null)(name, () => {
  let database: ReplicatedDatabase;
  let servers: RunningServer[];
  let one = { origin: "" };
  let other = { origin: "" };

  beforeAll(async () => {
    database = await startReplicated(programs ?? "");
    const env = { DATABASE_URL: database.primary.url, DATABASE_REPLICA_URLS: database.replica.url };
    servers = [await startServer(env), await startServer(env)];
    [one = one, other = other] = servers.map(({ url }) => ({ origin: new URL(url).origin }));
  }, 60_000);
  afterAll(async () => {
    for (const server of servers) await server.stop("SIGTERM");
    await database.remove();
  });

  test("behind: a server shows a caller its own writes at once, while others are served from the replica", async () => {
    const ann = { "x-ms-user-isolation-key": "ann" };
    await create(one, {}, ann);
    await database.fallBehind();
    const foreign = await create(other, {}, ann);
    await untilUnseen(one, foreign, ann);
    for (let round = 0; round < 10; round += 1) {
      const created = await create(one, { turns: [says("first")] }, ann);
      expect(await listIds(one, ann)).toContain(created);
      await append(one, { conversationId: created, turn: says("second") }, ann);
      expect(await readTurns(one, created, ann)).toHaveLength(2);
      expect(await listIds(one)).toContain(created);
    }
  });

  test("behind: the workers of a server show a caller what it wrote through any of them", async () => {
    const eve = { "x-ms-user-isolation-key": "eve", connection: "close" };
    const env = { DATABASE_URL: database.primary.url, DATABASE_REPLICA_URLS: database.replica.url, WORKERS: "2" };
    const server = await startServer(env);
    const workers = { origin: new URL(server.url).origin };
    try {
      await create(workers, {}, eve);
      await database.fallBehind();
      const foreign = await create(other, {}, eve);
      await untilUnseen(workers, foreign, eve);
      // Each request comes on a connection of its own, and so to the other worker.
      for (let round = 0; round < 10; round += 1) {
        const created = await create(workers, {}, eve);
        for (let read = 0; read < 3; read += 1) expect(await listIds(workers, eve)).toContain(created);
      }
    } finally {
      await server.stop("SIGTERM");
    }
  });

  test("behind: another server shows what was written on the one that is told the write's token", async () => {
    const bea = { "x-ms-user-isolation-key": "bea" };
    await create(one, { agent: { name: "a" } }, bea);
    await database.fallBehind();
    const { id, token } = await createWithToken(one, bea);
    await untilUnseen(other, id, bea);
    expect(await listIds(other, { ...bea, "x-consistency-token": token })).toContain(id);
    for (const path of ["/openai/v1/conversations", "/api/v1/agents/a/conversations"]) {
      const list = async (headers: Record<string, string>) => (await call(other.origin + path, { headers })).body;
      await vi.waitUntil(async () => !(await list(bea)).includes(id));
      expect(await list({ ...bea, "x-consistency-token": token })).toContain(id);
    }
    // The replica has none of it, and is no reason to say that it does not exist.
    const after = await call(`${other.origin}/openai/v1/conversations?after=${id}`, { headers: bea });
    expect(after.status, after.body).toBe(200);
  });

  test("behind: the replica shows a user no more than the primary does", async () => {
    const [cleo, dan] = ["cleo", "dan"].map((user) => ({ "x-ms-user-isolation-key": user }));
    const own = await create(one, {}, cleo);
    const foreign = await create(one, {}, dan);
    await database.fallBehind();
    const unseen = await create(one, {}, cleo);
    expect(await untilUnseen(other, unseen, cleo)).toEqual([own]);
    expect(await ask(other, "query ($id: ID!) { node(id: $id) { id } }", { id: foreign }, cleo)).toEqual({
      node: null,
    });
  });

  test("killed under traffic: no request fails, and back again it is used again", async () => {
    await create(one);
    await database.catchUp();
    let over = false;
    const statuses: number[] = [];
    const callAgainAndAgain = async (path: string) => {
      while (!over) statuses.push((await call(other.origin + path)).status);
    };
    const calling = Promise.all([...SURFACES, ...SURFACES].map(callAgainAndAgain));
    const untilMore = (count: number) => {
      const enough = statuses.length + count;
      return vi.waitUntil(() => statuses.length >= enough, { timeout: 20_000 });
    };
    const untilReplicaIs = (state: string) =>
      vi.waitUntil(async () => (await readiness(other)).replicas[0]?.state === state, { timeout: 20_000 });

    await untilMore(200);
    await database.replica.stop("immediate");
    await untilMore(200);
    await untilReplicaIs("unavailable");
    expect(await readiness(other)).toMatchObject({ status: "ready", database: "ok" });
    await database.replica.start();
    await untilReplicaIs("ok");
    await untilMore(200);
    over = true;
    await calling;
    expect(new Set(statuses)).toEqual(new Set([200]));

    await database.fallBehind();
    await untilUnseen(other, await create(one));
  }, 120_000);

  test("what is no replica of the database is told, and never read from", async () => {
    const stranger = await startForeignReplica(programs ?? "");
    const nobody = "postgres://postgres@127.0.0.1:1/postgres";
    const urls = [stranger.url, database.primary.url, nobody];
    const server = await startServer({ DATABASE_URL: database.primary.url, DATABASE_REPLICA_URLS: urls.join() });
    const { origin } = new URL(server.url);
    try {
      const id = await create({ origin });
      const states = ["not a replica", "not a replica", "unavailable"];
      const expected = urls.map((url, index) => ({ host: new URL(url).host, state: states[index] }));
      expect(await readiness({ origin })).toMatchObject({ status: "ready", replicas: expected });
      for (let round = 0; round < 20; round += 1) expect(await listIds({ origin })).toContain(id);
    } finally {
      await server.stop("SIGTERM");
      await stranger.remove();
    }
  });

  test.each(SURFACES)("a token that no write answered with is refused: %s", async (path) => {
    const { token: given } = await createWithToken(one, {});
    expect((await call(one.origin + path, { headers: { "x-consistency-token": given } })).status).toBe(200);
    const shifted = `${given.slice(0, 8)}f${given.slice(9)}`;
    const madeUp = ["", "0", "0000000000000001", "0".repeat(40), "f".repeat(40), shifted, given.toUpperCase()];
    for (const token of [...madeUp, `${given}0`, `${given}, ${given}`]) {
      const { status, body } = await call(one.origin + path, { headers: { "x-consistency-token": token } });
      expect(status, body).toBe(400);
      expect(body).toContain("x-consistency-token");
    }
  });
});

async function listIds(server: { origin: string }, headers: Record<string, string> = {}): Promise<string[]> {
  const { conversations } = await ask(server, LIST, {}, headers);
  return conversations.nodes.map(({ id }: { id: string }) => id);
}

/** Waits until the replica, which does not show the conversation, is what answers; gives that answer. */
async function untilUnseen(server: { origin: string }, id: string, headers = {}): Promise<string[]> {
  const answer = async () => {
    const ids = await listIds(server, headers);
    return ids.includes(id) ? null : ids;
  };
  return (await vi.waitUntil(answer, { timeout: 20_000 })) ?? [];
}

async function createWithToken({ origin }: { origin: string }, headers: Record<string, string>) {
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query: CREATE }),
  });
  const { data } = JSON.parse(await response.text());
  return {
    id: String(data.createConversation.conversation.id),
    token: response.headers.get("x-consistency-token") ?? "",
  };
}

async function readiness({ origin }: { origin: string }) {
  const { status, body } = await call(`${origin}/health/ready`);
  expect(status, body).toBe(200);
  return JSON.parse(body);
}
