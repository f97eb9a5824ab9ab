import { readdirSync, readFileSync } from "node:fs";

// Linux counts CPU time in ticks of 10 ms for every process, whatever the kernel's own.
const TICK_MS = 10;

interface Stat {
  parent: number;
  cpuMs: number;
  /** Of children that have ended. */
  reapedMs: number;
}

/** The CPU time that the process has used, all its threads together. */
export function cpuOf(pid: number): number {
  return readStat(pid)?.cpuMs ?? 0;
}

/**
 * The CPU time that a PostgreSQL has used since its start: its own, its living children's and its ended ones'. It never
 * falls, whichever backends come and go, so that a difference is what was used between.
 */
export function clusterCpu(postmaster: number): number {
  const stats = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [readStat(Number(name))] : []));
  const children = stats.filter((stat) => stat?.parent === postmaster);
  const own = readStat(postmaster);
  return children.reduce((sum, stat) => sum + (stat?.cpuMs ?? 0), (own?.cpuMs ?? 0) + (own?.reapedMs ?? 0));
}

/** The same of several, together. */
export function clustersCpu(postmasters: readonly number[]): number {
  return postmasters.reduce((sum, postmaster) => sum + clusterCpu(postmaster), 0);
}

/** The process's parent: of a backend, the postmaster. */
export function parentOf(pid: number): number {
  const stat = readStat(pid);
  if (stat === null) throw new Error(`There is no process ${pid} on this machine: the database has to run here.`);
  return stat.parent;
}

/** The most memory that the process ever held, in MB. */
export function peakMemory(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name, in parentheses, may hold anything; the state follows it.
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    const [userTime = 0, systemTime = 0, reapedUser = 0, reapedSystem = 0] = fields.slice(11);
    return { parent, cpuMs: (userTime + systemTime) * TICK_MS, reapedMs: (reapedUser + reapedSystem) * TICK_MS };
  } catch {
    // It has ended.
    return null;
  }
}
