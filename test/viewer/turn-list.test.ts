import { expect, test } from "vitest";

import { TurnEvents } from "../../src/viewer/transcript/turn-events.ts";
import {
  NO_TURNS,
  type TurnList,
  withDelta,
  withNewer,
  withOlder,
  withoutTurn,
  withTurn,
} from "../../src/viewer/transcript/turn-list.ts";
import { call, says, turn } from "./turns.ts";

const row = (position: number, given: Parameters<typeof turn>[1] = {}) => ({
  cursor: `c${position}`,
  turn: turn(position, given),
});
const page = (positions: number[], hasPreviousPage: boolean, hasNextPage: boolean) => ({
  edges: positions.map((position) => ({ cursor: `c${position}`, node: turn(position) })),
  pageInfo: { hasPreviousPage, hasNextPage },
});
const positions = ({ rows }: TurnList) => rows.map(({ turn }) => turn.position);
const middle: TurnList = { rows: [row(4), row(5)], hasOlder: true, hasNewer: true };

test("grows at both ends, and takes no turn twice", () => {
  const older = withOlder(middle, page([2, 3, 4], true, true));
  const whole = withNewer(withOlder(older, page([1], false, true)), page([6, 7], true, false));
  expect([positions(whole), whole.hasOlder, whole.hasNewer]).toEqual([[1, 2, 3, 4, 5, 6, 7], false, false]);
});

test("takes a changed turn, a new one at the end, and neither an earlier state nor what lies behind a gap", () => {
  const changed = withTurn(middle, row(5, { revision: 9 }));
  expect(changed.rows[1]?.turn.revision).toBe(9);
  expect(withTurn(changed, row(5, { revision: 8 }))).toBe(changed);
  expect(withTurn(middle, row(2))).toBe(middle);
  const end = { ...middle, hasNewer: false };
  expect([positions(withTurn(end, row(6))), withTurn(end, row(6)).hasNewer]).toEqual([[4, 5, 6], false]);
  expect([positions(withTurn(end, row(8))), withTurn(end, row(8)).hasNewer]).toEqual([[4, 5], true]);
  expect(positions(withTurn(NO_TURNS, row(1)))).toEqual([1]);
});

test("lets a turn go, and one that was written in its place come", () => {
  expect(positions(withoutTurn(middle, "t5"))).toEqual([4]);
  const again = withTurn(middle, row(5, { id: "other" }));
  expect(again.rows.map(({ turn }) => turn.id)).toEqual(["t4", "other"]);
});

test.each([
  ["behind a text", [says("Yes")], { fragment: 0, offset: 3, text: ", 🙂" }, "Yes, 🙂"],
  ["as a new text", [call("f")], { fragment: 1, offset: 0, text: "a" }, "a"],
  ["not where text is missing", [says("Yes")], { fragment: 0, offset: 5, text: "!" }, null],
  ["not where text is there already", [says("Yes")], { fragment: 0, offset: 2, text: "s" }, null],
  ["not where a fragment is missing", [], { fragment: 1, offset: 0, text: "a" }, null],
  ["not to a call", [call("f")], { fragment: 0, offset: 0, text: "a" }, null],
])("adds text %s", (_where, messages, delta, expected) => {
  const grown = withDelta(turn(1, { messages }), delta, 7);
  const last = grown?.messages.at(-1);
  expect(last === undefined ? null : "content" in last && last.content).toBe(expected);
  if (grown !== null) expect(grown.revision).toBe(7);
});

test("reads a turn whose event it cannot follow, and applies what came in between", async () => {
  let list: TurnList = { rows: [], hasOlder: false, hasNewer: false };
  const asked: string[] = [];
  const reads: ((read: ReturnType<typeof turn> | null) => void)[] = [];
  const events = new TurnEvents({
    change: (update) => {
      list = update(list);
    },
    readTurn: (id) => {
      asked.push(id);
      return new Promise((resolve) => reads.push(resolve));
    },
  });
  const event = (revision: number, offset: number | null, text = "") => ({
    turn: { id: "t1", position: 1, revision },
    cursor: "c1",
    appended: offset === null ? null : { fragment: 0, offset, text },
    deletedTurnId: null,
  });
  events.apply(event(1, null));
  events.apply(event(3, 1, "b"));
  events.apply(event(4, 2, "c"));
  // The read already has revision 3: that event is passed over.
  reads[0]?.(turn(1, { revision: 3, messages: [says("ab")] }));
  await expect.poll(() => list.rows[0]?.turn.messages).toMatchObject([{ content: "abc" }]);
  events.apply(event(5, 3, "d"));
  expect([list.rows[0]?.turn.revision, asked]).toEqual([5, ["t1"]]);
  events.apply(event(9, 20, "lost"));
  reads[1]?.(turn(1, { revision: 9, messages: [says("whole")] }));
  await expect.poll(() => list.rows[0]?.turn.messages).toMatchObject([{ content: "whole" }]);
  events.apply({ ...event(10, null), deletedTurnId: "t1" });
  expect([list.rows, asked]).toEqual([[], ["t1", "t1"]]);
});
