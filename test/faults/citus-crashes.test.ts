import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { withAdmin } from "../harness/admin.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { runCommand } from "../harness/run-command.ts";
import { create, says } from "../harness/writes.ts";
import { type Answer, call, document, tell } from "./callers.ts";
import { type CitusCluster, citusPrograms, createProjects, named, type Project, startCitus } from "./citus-cluster.ts";
import type { PostgresServer } from "./postgres-server.ts";

const programs = citusPrograms();
const ROUNDS = 8;
// What its writers store ahead of each crash.
const BETWEEN = 10;
const APPENDERS = 3;
const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { conversation { id } } } }";
const CREATE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";

/** A turn that the server has said is stored: that of an append, or the first of a new conversation. */
interface Acknowledged {
  project: Project;
  said: string;
  conversationId: string;
  /** How many times it was answered otherwise before. */
  refused: number;
  /** When it was sent for the last time. */
  sentAt: number;
}

interface Stored {
  said: string;
  conversationId: string;
  at: number;
}

describe.skipIf(programs === null)(named("a worker of a Citus cluster that crashes"), () => {
  let cluster: CitusCluster;
  let server: RunningServer;
  let projects: Project[];

  beforeAll(async () => {
    cluster = await startCitus(programs ?? "");
    expect(await runCommand(cluster.url, ["distribute", "--yes"])).toMatchObject({ status: 0 });
    projects = await createProjects(cluster, 2);
    server = await startServer({ DATABASE_URL: cluster.url });
  }, 120_000);
  afterAll(async () => {
    await server?.stop("SIGTERM");
    await cluster?.remove();
  }, 60_000);

  const send = ({ key }: Project, query: string, input: Record<string, unknown>): Promise<Answer> => {
    const request = document(query, { input });
    return call(server.url, { ...request, headers: { ...request.headers, "api-key": key } });
  };
  const readStored = ({ id }: Project): Promise<Stored[]> =>
    withAdmin(
      cluster.url,
      (admin) => admin<Stored[]>`
        SELECT conversation_id AS "conversationId", messages -> 0 ->> 'content' AS said,
          (extract(epoch FROM timestamp) * 1000)::float8 AS at
        FROM turns WHERE project_id = ${id} ORDER BY conversation_id, position`,
    );

  test("8 times under writers with keys: what was acknowledged is there once, and what was answered 503 once it was sent again", async () => {
    const victim = projects[0]?.worker;
    let over = false;
    const acknowledged: Acknowledged[] = [];
    const countOf = (worker?: PostgresServer) => acknowledged.filter(({ project }) => project.worker === worker).length;
    const refused: { project: Project; answer: Answer }[] = [];
    // As a client does that wants it stored: again with the same key, until it is.
    const write = async (project: Project, writer: string, query: string, input: (said: string) => object) => {
      for (let count = 0; !over; count += 1) {
        const said = `${writer}/${count}`;
        for (let tries = 0; ; tries += 1) {
          const sentAt = Date.now();
          const answer = await send(project, query, { ...input(said), idempotencyKey: said });
          if (answer.status === 200) {
            const [, conversationId = answer.body] = /"conversation":\{"id":"([^"]+)"/.exec(answer.body) ?? [];
            acknowledged.push({ project, said, conversationId, refused: tries, sentAt });
            break;
          }
          refused.push({ project, answer });
          await delay(10);
        }
      }
    };
    const conversations = await Promise.all(
      projects.map(({ key }) => create({ origin: new URL(server.url).origin }, {}, { "api-key": key })),
    );
    const writing = Promise.all(
      projects.flatMap((project, index) => [
        ...Array.from({ length: APPENDERS }, (_, writer) =>
          write(project, `append-${writer}`, APPEND, (said) => ({
            conversationId: conversations[index],
            turn: says(said),
          })),
        ),
        write(project, "create", CREATE, (said) => ({ turns: [says(said)] })),
      ]),
    );
    for (let round = 0; round < ROUNDS; round += 1) {
      const enough = countOf(victim) + BETWEEN;
      await vi.waitUntil(() => countOf(victim) >= enough, { timeout: 15_000, interval: 5 });
      await victim?.stop("immediate");
      await victim?.start();
    }
    over = true;
    await writing;

    for (const { answer } of refused) expect(answer.status, answer.body).toBe(503);
    let [lost, twice, unknown, storedBefore] = [0, 0, 0, 0];
    for (const project of projects) {
      const stored = Map.groupBy(await readStored(project), ({ said }) => said);
      const own = acknowledged.filter((one) => one.project === project);
      for (const { said, conversationId, refused, sentAt } of own) {
        const found = stored.get(said) ?? [];
        if (!found.some((turn) => turn.conversationId === conversationId)) lost += 1;
        if (found.length > 1) twice += 1;
        if (refused > 0 && found.some(({ at }) => at < sentAt)) storedBefore += 1;
      }
      unknown += stored.size - own.length;
    }
    const again = acknowledged.filter((one) => one.refused > 0).length;
    const elsewhere = refused.filter(({ project }) => project.worker !== victim).length;
    tell(
      `worker crashed ${ROUNDS} times: ${acknowledged.length} writes acknowledged (${countOf(victim)} on it), ${refused.length} answers 503 (${elsewhere} of projects elsewhere), ` +
        `${again} writes sent again (${storedBefore} were stored when they were answered 503), ${lost} lost, ${twice} there twice`,
    );
    expect({ lost, twice, unknown }).toEqual({ lost: 0, twice: 0, unknown: 0 });
    expect(again).toBeGreaterThan(0);
    expect(server.process.exitCode).toBeNull();
  });
});
