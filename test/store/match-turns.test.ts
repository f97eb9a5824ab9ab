import { describe, expect, test } from "vitest";

import type { ConversationRecord, TurnRecord } from "../../src/model/conversation-record.ts";
import type { FragmentState, MessageFragment } from "../../src/model/message-fragment.ts";
import { matchTurns, replaceTurns } from "../../src/store/write/match-turns.ts";
import { conversation, turn } from "../harness/conversations.ts";

const text = (content: string, state: FragmentState = "done"): MessageFragment => ({ kind: "text", content, state });
const user = (id: string, content: string) => turn(id, { messages: [text(content)] });
const assistant = (id: string, ...messages: MessageFragment[]) => turn(id, { role: "assistant", messages });
const record = (turnIds: ConversationRecord["turnIds"], turns: TurnRecord[]) =>
  conversation("c", { turnIds, turns, timesMadeUp: turnIds === "derived" });

const KNOWN = [user("1", "a"), assistant("2", text("b")), user("3", "c")];
const REVISION = 7;

/** What the turns say afterwards and the ids of those that changed with their revisions; or the turn that differs. */
function show(result: ReturnType<typeof matchTurns>) {
  if ("differsFrom" in result) return result.differsFrom;
  const said = result.turns.map(({ id, messages }) =>
    [id, ...messages.map((fragment) => ("content" in fragment ? fragment.content : fragment.kind))].join(" "),
  );
  return [said.join(", "), result.changed.map(({ id, revision }) => `${id}@${revision}`).join(" ")];
}

describe("turns without ids of their own", () => {
  const cases: [what: string, turns: TurnRecord[], result: unknown][] = [
    ["the same: nothing changes", [user("x", "a"), assistant("y", text("b")), user("z", "c")], ["1 a, 2 b, 3 c", ""]],
    ["fewer: nothing changes", [user("x", "a")], ["1 a, 2 b, 3 c", ""]],
    ["none: nothing changes", [], ["1 a, 2 b, 3 c", ""]],
    [
      "more: the rest is added",
      [user("x", "a"), assistant("y", text("b")), user("z", "c"), assistant("w", text("d"))],
      ["1 a, 2 b, 3 c, w d", "w@8"],
    ],
    ["other ones: it differs", [user("x", "A"), assistant("y", text("b"))], 1],
    ["other ones later: it differs", [user("x", "a"), assistant("y", text("B")), user("z", "c")], 2],
    ["another role", [user("x", "a"), user("y", "b")], 2],
    ["more words in the middle", [user("x", "a"), assistant("y", text("b"), text("e")), user("z", "c")], 2],
  ];
  test.each(cases)("%s", (_what, turns, result) => {
    expect(show(matchTurns(KNOWN, record("derived", turns), REVISION))).toEqual(result);
    // Where the known ones have other ids: from before the messages had any.
    expect(show(matchTurns(KNOWN, record("local", turns), REVISION))).toEqual(result);
  });

  test("the last answer goes on: with more fragments, and with more of a text in progress", () => {
    const known = [user("1", "a"), assistant("2", text("b"), text("so f", "in-progress"))];
    const longer = [user("x", "a"), assistant("y", text("b"), text("so far"), text("more"))];
    expect(show(matchTurns(known, record("derived", longer), REVISION))).toEqual(["1 a, 2 b so far more", "2@8"]);
    const whole = [user("1", "a"), assistant("2", text("b"), text("so far"), text("more"))];
    const earlier = [user("x", "a"), assistant("y", text("b"), text("so f", "in-progress"))];
    expect(show(matchTurns(whole, record("derived", earlier), REVISION))).toEqual(["1 a, 2 b so far more", ""]);
    const finished = [user("x", "a"), assistant("y", text("b"), text("so f..."))];
    expect(
      show(
        matchTurns(
          [whole[0] ?? user("1", ""), assistant("2", text("b"), text("so f"))],
          record("derived", finished),
          REVISION,
        ),
      ),
    ).toBe(2);
  });

  test("a turn in progress takes over how it ended; any other keeps its state, time and id", () => {
    const open = { ...assistant("2", text("b")), state: "in-progress" as const };
    const [ended] = [
      matchTurns([user("1", "a"), open], record("derived", [user("x", "a"), assistant("y", text("b"))]), REVISION),
    ];
    expect("changed" in ended && ended.changed).toMatchObject([{ id: "2", state: "done", revision: 8 }]);
    const stopped = { ...assistant("2", text("b")), state: "stopped" as const };
    expect(show(matchTurns([stopped], record("derived", [assistant("y", text("b"))]), REVISION))).toEqual(["2 b", ""]);
  });

  test("a new turn's made-up time is not before the turn that it follows", () => {
    const early = { ...user("z", "d"), timestamp: new Date(0) };
    const result = matchTurns([user("1", "a")], record("derived", [user("x", "a"), early]), REVISION);
    expect("turns" in result && result.turns[1]?.timestamp).toEqual(KNOWN[0]?.timestamp);
  });
});

describe("turns with ids", () => {
  const edited = [user("1", "A"), assistant("2", text("b"), text("e"))];
  test("global ones are taken over, whatever else is known", () => {
    expect(show(matchTurns(KNOWN, record("global", edited), REVISION))).toEqual(["1 A, 2 b e, 3 c", "1@8 2@9"]);
  });

  test("local ones are taken over where the record has all that is known, else it differs", () => {
    const whole = [...edited, user("3", "c"), user("4", "d")];
    expect(show(matchTurns(KNOWN, record("local", whole), REVISION))).toEqual(["1 A, 2 b e, 3 c, 4 d", "1@8 2@9 4@10"]);
    expect(show(matchTurns(KNOWN, record("local", edited), REVISION))).toBe(1);
    const later = [assistant("2", text("b")), user("3", "c"), user("4", "d")];
    expect(show(matchTurns(KNOWN, record("local", later), REVISION))).toEqual(["1 a, 2 b, 3 c, 4 d", "4@8"]);
  });

  test("a new turn comes after the one that precedes it in the record", () => {
    const between = [user("1", "a"), user("1.5", "x"), assistant("2", text("b"))];
    expect(show(matchTurns(KNOWN, record("global", between), REVISION))).toEqual(["1 a, 1.5 x, 2 b, 3 c", "1.5@8"]);
  });
});

describe("in place of what is known", () => {
  test.each<[what: string, turns: TurnRecord[], result: string[]]>([
    ["other turns", [user("x", "A")], ["x A", "x@8"]],
    ["the same beginning stays", [user("x", "a"), assistant("y", text("B"))], ["1 a, y B", "y@8"]],
    ["a shorter record", [user("x", "a")], ["1 a", ""]],
    ["the same", [user("x", "a"), assistant("y", text("b")), user("z", "c")], ["1 a, 2 b, 3 c", ""]],
  ])("%s", (_what, turns, result) => {
    expect(show(replaceTurns(KNOWN, record("derived", turns), REVISION))).toEqual(result);
  });

  test("turns with ids are the same under the same id only", () => {
    expect(show(replaceTurns(KNOWN, record("global", [user("1", "a"), user("9", "b")]), REVISION))).toEqual([
      "1 a, 9 b",
      "9@8",
    ]);
  });
});
