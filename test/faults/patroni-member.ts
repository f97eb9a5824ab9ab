import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { vi } from "vitest";

import { newOpenFolder } from "../harness/database-folder.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import type { FailoverPrograms } from "./installed.ts";
import { type MemberPorts, patroniSettings } from "./patroni-settings.ts";
import { childrenOf } from "./process-state.ts";

/** A PostgreSQL that a Patroni keeps. */
export interface Member {
  name: string;
  /** The URL of its maintenance database, as a superuser. */
  url: string;
  /** What its Patroni reports of it; nothing while it does not answer. */
  state(): Promise<MemberState>;
  /** The roles of all members, as its Patroni lists them. */
  roles(): Promise<string[]>;
  /** Has its Patroni hand the primary's part to the synchronous standby. Resolves when that is done. */
  switchOver(): Promise<void>;
  /** Kills its PostgreSQL as a crash does, or its Patroni too, as the loss of a machine does. */
  kill(what: "postgres" | "machine"): void;
  /** Whether its machine was killed, and was not started since. */
  isLost(): boolean;
  /** Starts its Patroni, which starts its PostgreSQL. Resolves when that runs. */
  start(): Promise<void>;
  /** Kills it, and deletes what it kept. */
  remove(): Promise<void>;
}

/** A part of what Patroni's API reports, in its words. */
interface MemberState {
  state?: string;
  /** `master` before Patroni 4, `primary` since. */
  role?: string;
  timeline?: number;
  /** Of a primary: who streams from it. */
  replication?: { state: string; sync_state: string }[];
}

/** Whether the member takes writes. */
export function isPrimary({ role }: MemberState): boolean {
  return role === "master" || role === "primary";
}

/** A member of the cluster that the etcd on the port keeps, not started. */
export async function createMember(programs: FailoverPrograms, ports: MemberPorts, etcd: number): Promise<Member> {
  const folder = await newOpenFolder();
  const [settings, log] = [join(folder, "patroni.yml"), join(folder, "patroni.log")];
  await writeFile(settings, await patroniSettings(ports, etcd, programs.postgres, folder));
  const api = `http://127.0.0.1:${ports.api}`;
  let patroni: Daemon | null = null;
  let isLost = false;

  const state = (): Promise<MemberState> =>
    fetch(`${api}/patroni`).then(
      (response) => response.json(),
      () => ({}),
    );
  const killPostgres = () => {
    const postmaster = Number(readFileSync(join(folder, "data/postmaster.pid"), "utf8").split("\n")[0]);
    // The others would end by themselves, but only after their statements.
    for (const pid of [postmaster, ...childrenOf(postmaster)]) process.kill(pid, "SIGKILL");
  };
  return {
    name: ports.name,
    url: `postgres://postgres@127.0.0.1:${ports.database}/postgres`,
    state,
    async roles() {
      const response = await fetch(`${api}/cluster`);
      const cluster: { members: { role: string }[] } = JSON.parse(await response.text());
      return cluster.members.map(({ role }) => role);
    },
    async switchOver() {
      const response = await fetch(`${api}/switchover`, {
        method: "POST",
        body: JSON.stringify({ leader: ports.name }),
      });
      if (!response.ok) throw new Error(`No switchover: ${await response.text()}`);
    },
    kill(what) {
      if (what === "machine" && patroni !== null) {
        process.kill(patroni.pid, "SIGKILL");
        isLost = true;
      }
      killPostgres();
    },
    isLost: () => isLost,
    async start() {
      isLost = false;
      patroni = await startDaemon(programs.patroni, [settings], log);
      await vi.waitUntil(async () => (await state()).state === "running", { timeout: 50_000, interval: 100 });
    },
    async remove() {
      await patroni?.end("SIGKILL");
      try {
        killPostgres();
      } catch {
        // It never ran, or runs no more.
      }
      await rm(folder, { recursive: true });
    },
  };
}
