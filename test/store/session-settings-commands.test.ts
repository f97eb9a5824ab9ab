import { afterAll, beforeAll, expect, test } from "vitest";

import { deleteCommand } from "../../src/commands/delete.ts";
import { describeStored } from "../../src/commands/doctor/stored.ts";
import { keysCommand } from "../../src/commands/keys.ts";
import { projectsCommand } from "../../src/commands/projects.ts";
import { EXPORT_TARGETS } from "../../src/formats/export/target.ts";
import { writeExportLine } from "../../src/formats/export-lines.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";
import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { SAMPLE_CONVERSATIONS } from "../../src/seed/sample-conversations.ts";
import { END_OF_ROWS } from "../../src/store/backup/backup-format.ts";
import type { Database } from "../../src/store/database/client.ts";
import { createKey, listKeys, rotateKey } from "../../src/store/keys/keys.ts";
import { exportConversations } from "../../src/store/read/export-conversations.ts";
import { importConversation } from "../../src/store/write/import-conversation.ts";
import { contentOf, restore, takeBackup } from "../harness/backups.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase } from "../harness/database.ts";
import { linesOf } from "../harness/run-in-process.ts";
import { startOtherSettings, startTwoSides, type TwoSides, withoutOwn } from "../harness/two-sides.ts";

let sides: TwoSides;
beforeAll(async () => {
  sides = await startTwoSides(SAMPLE_CONVERSATIONS);
});
afterAll(() => sides.close());

const SCOPE = { projectId: "default", isolationKey: null };

async function exported(
  { database }: { database: Database },
  since: Date | null = null,
): Promise<ConversationRecord[]> {
  return Array.fromAsync(exportConversations(database, SCOPE, since));
}

test("an export has the same bytes in every format", async () => {
  const [usual, other] = [await exported(sides.usual), await exported(sides.other)];
  expect(other.map(writeExportLine)).toEqual(usual.map(writeExportLine));
  for (const { name, write } of EXPORT_TARGETS) {
    const lines = (records: ConversationRecord[]) => records.map((record) => write(record, new ReadingNotes()));
    expect(lines(other), name).toEqual(lines(usual));
  }
  const since = usual[3]?.updatedAt ?? null;
  const [some, same] = [await exported(sides.usual, since), await exported(sides.other, since)];
  expect(same).toEqual(some);
  expect(some.length).toBeLessThan(usual.length);
});

test("an import of the other side's export changes nothing", async () => {
  for (const record of await exported(sides.usual)) {
    const imported = await importConversation(sides.other.database, "default", record, { replace: false });
    expect(imported).toMatchObject({ outcome: "unchanged" });
  }
});

test.each([
  ["delete", deleteCommand, { "older-than": "12h", "dry-run": true }, []],
  ["projects list", projectsCommand, {}, ["list"]],
])("`%s` prints the same lines", async (_name, command, values, positionals) => {
  const printed = await Promise.all(
    [sides.usual, sides.other].map(({ database }) => linesOf(database, command, values, positionals)),
  );
  expect(printed[1]?.map(withoutOwn)).toEqual(printed[0]?.map(withoutOwn));
  expect(printed[0]).not.toEqual([]);
});

test("doctor says the same of what is stored", async () => {
  expect(await describeStored(sides.other.database)).toEqual(await describeStored(sides.usual.database));
});

/** The tables of the backup that hold what the records say, as they are written. */
async function recordsIn(backup: Buffer): Promise<string[]> {
  const sections = (await contentOf(backup)).toString().split(END_OF_ROWS);
  return sections.filter((section) => /"table":"(conversations|turns)"/.test(section));
}

test("a backup has the same bytes", async () => {
  const [usual, other] = [await takeBackup(sides.usual.database), await takeBackup(sides.other.database)];
  expect(await recordsIn(usual)).toHaveLength(2);
  expect(await recordsIn(other)).toEqual(await recordsIn(usual));
});

test("a backup of the other side is restored with the same instants", async () => {
  const backup = await takeBackup(sides.other.database);
  const target = await createDatabase({ migrated: false });
  const relay = await startOtherSettings(target.url);
  const database = connectTo(relay.url);
  try {
    await restore(database, backup);
    expect((await exported({ database })).map(writeExportLine)).toEqual(
      (await exported(sides.usual)).map(writeExportLine),
    );
  } finally {
    await database.close();
    relay.close();
    await target.drop();
  }
});

// One of these ends in another season than it begins in.
const DAYS = [100, 200, 300];
const DAY_MS = 86_400_000;

test("keys are valid for so many days of 24 hours, rotated ones too, and `keys list` prints the same lines", async () => {
  const printed = await Promise.all(
    [sides.usual, sides.other].map(async ({ database }) => {
      for (const days of DAYS) {
        await createKey(database, "default", "project", `${days}`, { lifetimeSeconds: days * 86_400 });
      }
      for (const { id } of await listKeys(database)) await rotateKey(database, id, 3600);
      const lived = (await listKeys(database)).map(({ createdAt, expiresAt, note, replacedBy }) => {
        const days = ((expiresAt?.getTime() ?? 0) - createdAt.getTime()) / DAY_MS;
        return replacedBy === null ? `${days} of ${note}` : "an hour is left";
      });
      expect(lived.filter((line) => line !== "an hour is left").sort()).toEqual(
        DAYS.map((days) => `${days} of ${days}`),
      );
      const lines = await linesOf(database, keysCommand, {}, ["list"]);
      return lines.map((line) => withoutOwn(line).replace(/until \S+/, "until then"));
    }),
  );
  expect(printed[1]).toEqual(printed[0]);
});
