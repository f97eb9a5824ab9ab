import { fstatSync, type Stats } from "node:fs";
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { codeOf, fileReasonOf } from "./reason.ts";

export interface Output {
  /** Resolves when the content is written: the reader sets the pace. */
  write(content: string | Uint8Array): Promise<void>;
  /** Ends the output. A file takes its name only when it is complete. */
  finish(complete: boolean): Promise<void>;
}

const OWNER_ONLY = 0o600;

/**
 * The destination of content: standard output when no file is given or the file is standard output, else the file. A new
 * file is readable by its owner only, an existing one keeps its mode, and one that is no regular file is written in
 * place. Errors name the file.
 */
export async function openOutput(file: string | undefined): Promise<Output> {
  if (file === undefined) return STANDARD_OUTPUT;
  const found = await naming(file, ifThere(stat(file)));
  // A socket cannot be opened by its name.
  if (found !== null && isStandardOutput(found)) return STANDARD_OUTPUT;
  const isReplaced = found === null || found.isFile();
  const output = await naming(file, isReplaced ? openPartial(file, found) : openAsItIs(file));
  return {
    write: (content) => naming(file, output.write(content)),
    finish: (complete) => naming(file, output.finish(complete)),
  };
}

const STANDARD_OUTPUT: Output = {
  write: (content) =>
    naming(
      "standard output",
      new Promise((done, fail) => {
        process.stdout.write(content, (error) => (error ? fail(error) : done()));
      }),
    ),
  finish: async () => {},
};

function isStandardOutput({ dev, ino }: Stats): boolean {
  const standard = fstatSync(process.stdout.fd);
  return standard.dev === dev && standard.ino === ino;
}

async function openAsItIs(file: string): Promise<Output> {
  const handle = await open(file, "w");
  return { write: (content) => handle.writeFile(content), finish: () => handle.close() };
}

async function openPartial(file: string, found: Stats | null): Promise<Output> {
  const target = await behindLinks(file);
  const partial = `${target}.part`;
  // Created again: a file that an earlier export left may be open to others, or be a link elsewhere.
  await rm(partial, { force: true });
  const handle = await open(partial, "wx", OWNER_ONLY);
  return {
    write: (content) => handle.writeFile(content),
    finish: async (complete) => {
      if (complete && found !== null) await handle.chmod(found.mode & 0o777);
      await closeAs(handle, partial, complete ? target : null);
    },
  };
}

async function closeAs(handle: FileHandle, partial: string, target: string | null): Promise<void> {
  // A crash of the machine could leave the name without the content.
  if (target !== null) await handle.sync();
  await handle.close();
  await (target === null ? rm(partial, { force: true }) : rename(partial, target));
  if (target !== null) await syncFolder(dirname(target));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}

/** The path of the file, existing or not, with symbolic links resolved. */
async function behindLinks(file: string): Promise<string> {
  const path = await ifThere(realpath(file));
  if (path !== null) return path;
  const folder = await realpath(dirname(file));
  const link = await readlink(file).catch(() => null);
  return link === null ? file : behindLinks(resolve(folder, link));
}

async function ifThere<Found>(looking: Promise<Found>): Promise<Found | null> {
  try {
    return await looking;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

async function naming<Value>(file: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    throw new Error(`${file} cannot be written: ${fileReasonOf(cause)}`, { cause });
  }
}
