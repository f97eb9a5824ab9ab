import { createHash } from "node:crypto";

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { BackupError } from "../../src/store/backup/backup-format.ts";
import type { Database } from "../../src/store/database/client.ts";
import { contentOf, pack, restore, takeBackup } from "../harness/backups.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { fillEveryTable, readEveryTable } from "../harness/every-table.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let source: TestServer;
let packed: Buffer;
let content: string;
let created: TestDatabase;
let target: Database;
let empty: Record<string, string[]>;
beforeAll(async () => {
  source = await startTestServer();
  await fillEveryTable(source);
  packed = await takeBackup(source.database);
  content = (await contentOf(packed)).toString();
  created = await createDatabase();
  target = connectTo(created.url);
  empty = await readEveryTable(target);
});
afterAll(async () => {
  await target.close();
  await Promise.all([created.drop(), source.close()]);
});

/** What the restore is refused with, which must leave the database as it was. */
async function refusal(backup: Buffer): Promise<string> {
  const error: unknown = await restore(target, backup).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BackupError)) throw error ?? new Error("It was restored.");
  expect(await readEveryTable(target)).toEqual(empty);
  return error.message;
}

// Node packs an empty piece at the end, without which the content is whole.
const ENDING = 14;
const LATER = "a later version of conversation-graph wrote it: restore it with that version";
const DAMAGED = "it is damaged: its content is not what was written";

/** The content after the change, with a digest that fits. */
function sealed(change: (text: string) => string): string[] {
  const changed = change(content.slice(0, content.lastIndexOf('{"sha256"')));
  return [changed, `${JSON.stringify({ sha256: createHash("sha256").update(changed).digest("hex") })}\n`];
}

test("a backup that is cut off anywhere is refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: packed.length - ENDING }), async (length) => {
      expect(await refusal(packed.subarray(0, length))).toMatch(/^it is (cut off|damaged)/);
    }),
    { numRuns: 12 },
  );
  for (const end of [content.length - 3, content.lastIndexOf('{"sha256"'), content.indexOf('{"table":"items"')]) {
    expect(await refusal(await pack([content.slice(0, end)]))).toBe("it is cut off: its end is missing");
  }
});

test("a backup of which a bit is another one is refused, unless it is a bit of the packing that says nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: packed.length - 1 }), fc.nat({ max: 7 }), async (byte, bit) => {
      const altered = Buffer.from(packed);
      altered.writeUInt8(altered.readUInt8(byte) ^ (1 << bit), byte);
      const unpacked = await contentOf(altered).catch(() => null);
      if (unpacked?.toString() !== content) expect(await refusal(altered)).toMatch(/^it is /);
    }),
    { numRuns: 12 },
  );
});

test.each<[string, () => string[], string]>([
  ["a word is another one", () => [content.replace("zephyr asks", "zephyr lies")], DAMAGED],
  ["a table is left out", () => [content.replace(/\{"table":"items".*?\n\\\.\n/s, "")], DAMAGED],
  ["something follows the end", () => [content, "more"], DAMAGED],
  ["a value is none of its column", () => sealed((text) => text.replace("\tassistant\t", "\tnobody\t")), DAMAGED],
  ["a row is there twice", () => sealed((text) => text.replace(/^(default\tzephyr\t.*\n)/m, "$1$1")), DAMAGED],
  [
    "a row refers to none",
    () => sealed((text) => text.replace(/(\{"table":"conversations".*?\n).*?\\\.\n/s, "$1\\.\n")),
    DAMAGED,
  ],
  ["a column is unknown", () => sealed((text) => text.replace('"isolation_key"', '"isolation"')), DAMAGED],
  ["a table is unknown", () => sealed((text) => text.replace('"table":"items"', '"table":"pg_class"')), DAMAGED],
  ["a migration is unknown", () => sealed((text) => text.replace('"migrations":["', '"migrations":["later","')), LATER],
  ["the format is later", () => sealed((text) => text.replace('"version":1', '"version":2')), LATER],
  ["it is another file", () => ['{"id":"conv_1","turns":[]}\n'], "it is no backup of conversation-graph"],
])("a backup is refused where %s", async (_what, made, message) => {
  expect(await refusal(await pack(made()))).toBe(message);
});

test("a file that is not packed is refused, and one without content", async () => {
  expect(await refusal(Buffer.from(content))).toBe("it is no backup of conversation-graph");
  expect(await refusal(Buffer.alloc(0))).toBe("it is cut off: its end is missing");
});

test("after all that, the whole backup is restored, and a second time refused", async () => {
  await restore(target, packed);
  const { milestones: _, ...restored } = await readEveryTable(target);
  expect(restored).toEqual({ ...(await readEveryTable(source.database)), milestones: undefined });
  await expect(restore(target, packed)).rejects.toThrow("the database is not empty");
});
