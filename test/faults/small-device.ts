import { spawnSync } from "node:child_process";
import { statfsSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

const run = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: "ignore" }).status === 0;

/** Whether this process may mount a device in memory: root may, where the machine lets it. */
export function canMount(): boolean {
  return run("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", tmpdir());
}

export interface SmallDevice {
  /** The folder that it is mounted on. */
  path: string;
  /** Leaves so many bytes of it free. */
  fill(freeBytes?: number): void;
  /** Gives the rest of it free again. */
  empty(): Promise<void>;
}

/** A device of so many megabytes, gone when the test has ended. */
export async function mountSmallDevice(megabytes: number): Promise<SmallDevice> {
  const path = await mkdtemp(join(tmpdir(), "conversation-graph-device-"));
  if (!run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "tmpfs", path)) throw new Error("no mount");
  onTestFinished(async () => {
    // Lazily: a database that a failed test left there goes on until it is killed.
    run("umount", "--lazy", path);
    await rm(path, { recursive: true });
  });
  const filling = join(path, "filling");
  return {
    path,
    fill(freeBytes = 0) {
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filling, Buffer.alloc(bavail * bsize - freeBytes), { flag: "a" });
    },
    empty: () => rm(filling),
  };
}
