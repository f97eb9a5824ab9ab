import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { withAdmin } from "../harness/admin.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { runCommand } from "../harness/run-command.ts";
import { call, document, tell } from "./callers.ts";
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

  test("a worker that hangs: other projects go on", async () => {
    await signalAll(one.worker, "SIGSTOP");
    const held = Array.from({ length: 30 }, () => create(one));
    const slowest = { ms: 0 };
    for (let round = 0; round < 50; round += 1) {
      const { status, ms } = await create(other);
      expect(status).toBe(200);
      slowest.ms = Math.max(slowest.ms, ms);
    }
    await signalAll(one.worker, "SIGCONT");
    const statuses = (await Promise.all(held)).map(({ status }) => status);
    tell(
      `worker hanging: slowest of 50 writes of another project ${Math.round(slowest.ms)} ms; its own ${statuses.join(" ")}`,
    );
    await vi.waitUntil(async () => (await create(one)).status === 200, RECOVERY);
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
