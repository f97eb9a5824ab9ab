import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ConversationRecord, TurnRecord } from "../../src/model/conversation-record.ts";
import type { Database } from "../../src/store/database/client.ts";
import { importConversation } from "../../src/store/write/import-conversation.ts";
import { matchTurns } from "../../src/store/write/match-turns.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let files: TestDatabase;
let database: Database;
beforeAll(async () => {
  files = await createDatabase();
  database = connectTo(files.url);
});
afterAll(async () => {
  await database.close();
  await files.drop();
});

const answer = (id: string, inReplyToId: string | null = null) => turn(id, { role: "assistant", inReplyToId });
const save = (
  id: string,
  turns: TurnRecord[],
  { replace = false, ...given }: Partial<ConversationRecord> & { replace?: boolean } = {},
) => importConversation(database, "default", conversation(id, { ...given, turns }), { replace });

/** The turns in their order, each with the version of its row. */
async function rowsOf(id: string): Promise<Map<string, string>> {
  const rows = await database.rows<{ id: string; version: string }>(sql`
    SELECT id, concat_ws(' ', ctid, xmin) AS version FROM turns
    WHERE project_id = 'default' AND conversation_id = ${id} ORDER BY position`);
  return new Map(rows.map((row) => [row.id, row.version]));
}

/** The turns afterwards, and those whose rows are the same as before. */
async function changeOf(id: string, change: () => Promise<unknown>): Promise<[turns: string, untouched: string]> {
  const before = await rowsOf(id);
  await change();
  const after = await rowsOf(id);
  const untouched = [...after].filter(([turnId, version]) => before.get(turnId) === version);
  return [[...after.keys()].join(" "), untouched.map(([turnId]) => turnId).join(" ")];
}

const OLD = [turn("1"), answer("2", "1"), turn("3"), answer("4", "3")];
test.each<[what: string, turns: TurnRecord[], now: string, untouched: string]>([
  ["grown", [...OLD, turn("5"), answer("6", "5")], "1 2 3 4 5 6", "1 2 3 4"],
  [
    "an answer changed",
    [OLD[0], OLD[1], OLD[2], { ...answer("4", "3"), state: "stopped" }] as TurnRecord[],
    "1 2 3 4",
    "1 2 3",
  ],
  ["a question changed: its answer is checked again", [turn("1", { text: "new" }), ...OLD.slice(1)], "1 2 3 4", "3 4"],
  ["a turn between", [...OLD.slice(0, 2), answer("2.5"), ...OLD.slice(2)], "1 2 2.5 3 4", "1 2"],
  ["the same", OLD, "1 2 3 4", "1 2 3 4"],
])("of a known conversation only new and changed turns are written: %s", async (what, turns, now, untouched) => {
  const own = (list: TurnRecord[]) =>
    list.map((one) => ({
      ...one,
      id: `${what} ${one.id}`,
      inReplyToId: one.inReplyToId && `${what} ${one.inReplyToId}`,
    }));
  const named = (ids: string) =>
    ids
      .split(" ")
      .map((id) => `${what} ${id}`)
      .join(" ");
  await save(what, own(OLD));
  expect(await changeOf(what, () => save(what, own(turns)))).toEqual([named(now), named(untouched)]);
});

test("--replace writes what comes after the same beginning, and deletes what is gone", async () => {
  await save("replaced", [turn("a"), turn("b"), turn("c")]);
  const replace = () => save("replaced", [turn("a"), turn("d")], { replace: true });
  expect(await changeOf("replaced", replace)).toEqual(["a d", "a"]);
  const shorten = () => save("replaced", [turn("a")], { replace: true });
  expect(await changeOf("replaced", shorten)).toEqual(["a", "a"]);
});

test("a question that becomes an answer, or goes, while something replies to it is refused", async () => {
  await save("asked", [turn("q"), answer("r", "q")]);
  await expect(save("asked", [answer("q"), answer("r", "q")])).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  await save("asked later", [answer("before", "later"), turn("later")]);
  const without = save("asked later", [answer("before", "later"), turn("other")], { replace: true });
  await expect(without).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
});

test("the turns of a long conversation are matched in a time that grows with their number", () => {
  const list = (length: number) => Array.from({ length }, (_, index) => turn(`t${index}`));
  const known = list(40_000).filter((_turn, index) => index % 2 === 0);
  const matched = matchTurns(known, conversation("long", { turns: list(40_000) }), 1);
  expect("turns" in matched && matched.turns.map(({ id }) => id)).toEqual(list(40_000).map(({ id }) => id));
});
