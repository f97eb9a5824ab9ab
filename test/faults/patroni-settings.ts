import { readFile } from "node:fs/promises";

/** The ports of a member on this machine. */
export interface MemberPorts {
  name: string;
  database: number;
  /** Of its Patroni's API. */
  api: number;
}

/** Where HAProxy listens. */
export interface HaproxyPorts {
  primary: number;
  replicas: number;
}

const FOLDER = new URL("../../.docker/failover/", import.meta.url);

/** The settings of Patroni that users are given, for a member on this machine that keeps its files in the folder. */
export async function patroniSettings(
  { name, database, api }: MemberPorts,
  etcd: number,
  programs: string,
  folder: string,
): Promise<string> {
  const given = await readFile(new URL("patroni.yml", FOLDER), "utf8");
  const data = { data_dir: `${folder}/data`, pgpass: `${folder}/pgpass`, bin_dir: programs };
  return given
    .replace("name: db1", `name: ${name}`)
    .replaceAll("db1:8008", `127.0.0.1:${api}`)
    .replaceAll("db1:5432", `127.0.0.1:${database}`)
    .replace(/hosts: .+/, `hosts: 127.0.0.1:${etcd}`)
    .replace(/ {2}data_dir: .+\n {2}bin_dir: .+\n/, toLines(data))
    .replaceAll(/(host .+ )samenet scram-sha-256/g, "$1127.0.0.1/32 trust")
    .replaceAll("change-me", "none")
    .concat(toLines({ parameters: '{ unix_socket_directories: "" }' }));
}

/** The settings of HAProxy that users are given, in front of these members on this machine. */
export async function haproxySettings(members: readonly MemberPorts[], ports: HaproxyPorts): Promise<string> {
  let settings = await readFile(new URL("haproxy.cfg", FOLDER), "utf8");
  for (const { name, database, api } of members) {
    settings = settings.replaceAll(`${name}:5432 check port 8008`, `127.0.0.1:${database} check port ${api}`);
  }
  return settings
    .replace("bind *:5000", `bind 127.0.0.1:${ports.primary}`)
    .replace("bind *:5001", `bind 127.0.0.1:${ports.replicas}`);
}

function toLines(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `  ${name}: ${value}\n`)
    .join("");
}
