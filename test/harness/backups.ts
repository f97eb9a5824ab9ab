import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

import { createPacker, unpack } from "../../src/store/backup/packing.ts";
import { restoreBackup } from "../../src/store/backup/restore-backup.ts";
import { writeBackup } from "../../src/store/backup/write-backup.ts";
import type { Database } from "../../src/store/database/client.ts";

/** A backup of the database, packed; `onPiece` is awaited before each piece is taken. */
export async function takeBackup(database: Database, onPiece = async () => {}): Promise<Buffer> {
  let packed: Buffer = Buffer.alloc(0);
  await writeBackup(
    database,
    async (content) => {
      packed = await pack(paced(content, onPiece));
    },
    () => {},
  );
  return packed;
}

async function* paced<Piece>(content: AsyncIterable<Piece>, onPiece: () => Promise<void>): AsyncGenerator<Piece> {
  for await (const piece of content) {
    await onPiece();
    yield piece;
  }
}

/** The content, packed as a backup is. */
export function pack(content: Iterable<string> | AsyncIterable<string | Buffer>): Promise<Buffer> {
  return buffer(Readable.from(content).pipe(createPacker()));
}

/** The content of the packed backup. */
export function contentOf(packed: Buffer): Promise<Buffer> {
  return buffer(unpack(pieces(packed)));
}

/** Restores the packed backup; resolves when it is committed. */
export async function restore(database: Database, packed: Buffer): Promise<void> {
  await restoreBackup(database, unpack(pieces(packed)), () => {});
}

// As small as a network may give them.
function pieces(packed: Buffer): Readable {
  const parts = Array.from({ length: Math.ceil(packed.length / 1000) }, (_, part) =>
    packed.subarray(part * 1000, (part + 1) * 1000),
  );
  return Readable.from(parts);
}
