import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { withAdmin } from "../harness/admin.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { runCommand } from "../harness/run-command.ts";
import { type Answer, call, document, tell } from "./callers.ts";
import {
  type CitusCluster,
  citusPrograms,
  createProjects,
  named,
  type Project,
  signalAll,
  startCitus,
} from "./citus-cluster.ts";

const programs = citusPrograms();
const CREATE = "mutation { createConversation(input: {}) { conversation { id } } }";
// Twice the longest time of a statement.
const HANGS_MS = 12_000;
const RECOVERY = { timeout: 15_000, interval: 100 };

describe.skipIf(programs === null)(named("a Citus cluster"), () => {
  let cluster: CitusCluster;
  let server: RunningServer;
  let one: Project;
  let other: Project;

  const create = ({ key }: Project) => {
    const request = document(CREATE);
    return call(server.url, { ...request, headers: { ...request.headers, "api-key": key } });
  };
  const count = async ({ id }: Project): Promise<number> =>
    withAdmin(cluster.url, async (admin) => {
      const [row] = await admin<{ count: number }[]>`
        SELECT count(*)::integer AS count FROM conversations WHERE project_id = ${id}`;
      return row?.count ?? -1;
    });

  beforeAll(async () => {
    cluster = await startCitus(programs ?? "");
    expect(await runCommand(cluster.url, ["distribute", "--yes"])).toMatchObject({ status: 0 });
    const [first, second] = await createProjects(cluster, 1);
    if (first === undefined || second === undefined) throw new Error("There are two workers.");
    [one, other] = [first, second];
    server = await startServer({ DATABASE_URL: cluster.url });
  }, 120_000);
  afterAll(async () => {
    await server?.stop("SIGTERM");
    await cluster?.remove();
  }, 60_000);

  test("a worker that is stopped: its projects are answered with 503, others as ever, and all once it is back", async () => {
    for (const project of [one, other]) expect(await create(project)).toMatchObject({ status: 200 });
    await one.worker.stop("immediate");
    for (let round = 0; round < 10; round += 1) {
      expect((await create(one)).status).toBe(503);
      expect((await create(other)).status).toBe(200);
    }
    const back = performance.now();
    await one.worker.start();
    await vi.waitUntil(async () => (await create(one)).status === 200, RECOVERY);
    tell(`worker stopped: 200 again ${Math.round(performance.now() - back)} ms after its start began`);
  });

  test("a worker that hangs for longer than a statement may take: its projects are answered with 503 or 504, others as ever, and all once it goes on", async () => {
    let isHanging = true;
    const during = async (project: Project) => {
      const answers: Answer[] = [];
      while (isHanging) answers.push(await create(project));
      return answers;
    };
    await signalAll(one.worker, "SIGSTOP");
    const begin = performance.now();
    // As many of the project at once as would take the whole pool three times.
    const held = Promise.all(Array.from({ length: 30 }, () => during(one)));
    const going = Promise.all(Array.from({ length: 4 }, () => during(other)));
    await delay(HANGS_MS);
    isHanging = false;
    const others = (await going).flat();
    await signalAll(one.worker, "SIGCONT");
    const back = performance.now();
    await vi.waitUntil(async () => (await create(one)).status === 200, RECOVERY);
    const recovered = performance.now() - back;
    // Those under way when it went on may have been done.
    const answers = (await held).flat().filter(({ at }) => at < back);
    const statuses = Map.groupBy(answers, ({ status }) => status);
    const slowest = (given: readonly Answer[]) => Math.round(Math.max(...given.map(({ ms }) => ms)));
    tell(
      `worker hanging for ${Math.round(back - begin)} ms: ${others.length} writes of another project, slowest ${slowest(others)} ms; ` +
        `its own ${[...statuses].map(([status, { length }]) => `${length} × ${status}`).join(", ")}, slowest ${slowest(answers)} ms; 200 again after ${Math.round(recovered)} ms`,
    );
    expect(others.filter(({ status }) => status !== 200)).toEqual([]);
    // 504 is for those whose statement had begun.
    expect([...statuses.keys()].filter((status) => status !== 503 && status !== 504)).toEqual([]);
    expect(statuses.get(503)?.length).toBeGreaterThan(0);
  });

  test("shards are moved and a project gets one of its own under writers: what waits too long is answered with 503, nothing is lost or there twice", async () => {
    const before = await Promise.all([count(one), count(other)]);
    let isMoving = true;
    const write = async (project: Project) => {
      const answers = [];
      while (isMoving) answers.push(await create(project));
      return answers;
    };
    const writing = Promise.all([one, one, other, other].map(write));
    await withAdmin(cluster.url, async (admin) => {
      const { hostname, port } = new URL(one.worker.url);
      await admin`SELECT citus_drain_node(${hostname}, ${Number(port)})`;
      await admin`SELECT isolate_tenant_to_new_shard('conversations', ${one.id}::text, 'CASCADE', shard_transfer_mode => 'block_writes')`;
    });
    isMoving = false;
    const answers = (await writing).flat();
    const failed = answers.filter(({ status }) => status !== 200);
    tell(
      `drained and isolated: ${answers.length} writes, ${failed.length} failed, slowest ${Math.round(Math.max(...answers.map(({ ms }) => ms)))} ms`,
    );
    // A write waits for a lock for half a second, and the last step of a move may take longer.
    expect(failed.map(({ status }) => status).filter((status) => status !== 503)).toEqual([]);
    const after = await Promise.all([count(one), count(other)]);
    expect(after.reduce((sum, rows) => sum + rows) - before.reduce((sum, rows) => sum + rows)).toBe(
      answers.length - failed.length,
    );
  }, 120_000);
});
