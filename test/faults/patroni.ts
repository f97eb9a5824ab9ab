import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { vi } from "vitest";

import { newOpenFolder } from "../harness/database-folder.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import type { FailoverPrograms } from "./installed.ts";
import { createMember, isPrimary, type Member } from "./patroni-member.ts";
import { haproxySettings, type MemberPorts } from "./patroni-settings.ts";
import { freePort } from "./postgres-server.ts";

/** Three members with synchronous replication, the etcd that they share, and an HAProxy that asks for their roles. */
export interface PatroniCluster {
  members: readonly Member[];
  /** The URL of the primary by way of HAProxy. */
  primaryUrl: string;
  /** The URL of the replicas by way of HAProxy. */
  replicaUrl: string;
  /** Resolves to the primary once both others follow it, one of them synchronously. */
  settle(): Promise<Member>;
  /** Stops and removes everything. */
  remove(): Promise<void>;
}

const NAMES = ["db1", "db2", "db3"];

/** A new, empty cluster with the settings that users are given, settled. */
export async function startPatroniCluster(programs: FailoverPrograms): Promise<PatroniCluster> {
  const folder = await newOpenFolder();
  const ends: (() => Promise<void>)[] = [() => rm(folder, { recursive: true })];
  const remove = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const etcd = await freePort();
    const etcdDaemon = await startEtcd(programs.etcd, etcd, folder);
    ends.push(() => etcdDaemon.end("SIGKILL"));
    const ports: MemberPorts[] = [];
    for (const name of NAMES) ports.push({ name, database: await freePort(), api: await freePort() });
    const members = await Promise.all(ports.map((own) => createMember(programs, own, etcd)));
    for (const member of members) ends.push(member.remove);
    await Promise.all(members.map((member) => member.start()));
    const listening = { primary: await freePort(), replicas: await freePort() };
    const settings = join(folder, "haproxy.cfg");
    await writeFile(settings, await haproxySettings(ports, listening));
    const haproxy = await startDaemon(programs.haproxy, ["-db", "-f", settings], join(folder, "haproxy.log"));
    ends.push(() => haproxy.end("SIGKILL"));
    await untilSettled(members);
    return {
      members,
      primaryUrl: `postgres://postgres@127.0.0.1:${listening.primary}/postgres`,
      replicaUrl: `postgres://postgres@127.0.0.1:${listening.replicas}/postgres`,
      settle: () => untilSettled(members),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startEtcd(program: string, port: number, folder: string): Promise<Daemon> {
  const url = `http://127.0.0.1:${port}`;
  const peers = `http://127.0.0.1:${await freePort()}`;
  const options = {
    "data-dir": join(folder, "etcd"),
    "listen-client-urls": url,
    "advertise-client-urls": url,
    "listen-peer-urls": peers,
    "initial-advertise-peer-urls": peers,
    "initial-cluster": `default=${peers}`,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const etcd = await startDaemon(program, [...args, "--unsafe-no-fsync"], join(folder, "etcd.log"));
  const isHealthy = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitUntil(isHealthy, { timeout: 20_000 });
  return etcd;
}

/** The primary, once both others stream from it and Patroni may promote one of them. */
async function untilSettled(members: readonly Member[]): Promise<Member> {
  const find = async () => {
    for (const member of members) {
      const state = await member.state();
      const { replication = [] } = state;
      if (!isPrimary(state) || replication.filter(({ state }) => state === "streaming").length < 2) continue;
      // PostgreSQL has a synchronous standby a little before Patroni has written down which.
      if ((await member.roles()).includes("sync_standby")) return member;
    }
    return null;
  };
  const primary = await vi.waitUntil(find, { timeout: 50_000, interval: 100 });
  if (primary === null) throw new Error("There is no primary.");
  return primary;
}
