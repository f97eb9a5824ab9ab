import { expect, test } from "vitest";

import { readInput, readOne } from "../harness/read-input.ts";

const TRAJECTORY = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "1 + 2?" },
  { role: "assistant", content: "3" },
  { role: "user", content: "Thanks" },
];

test("a wrapper's own times and metadata are taken; a time that is none stays a field like others", async () => {
  const record = await readOne({
    created_at: 1_700_000_000.5,
    updated_at: "2023-11-15T00:00:00+01:00",
    timestamp: "yesterday",
    metadata: { channel: "web", score: 1, tags: [] },
    channel: "second",
    messages: TRAJECTORY,
  });
  expect([record.createdAt, record.updatedAt].map((time) => time.toISOString())).toEqual([
    "2023-11-14T22:13:20.500Z",
    "2023-11-14T23:00:00.000Z",
  ]);
  expect(record.turns.map(({ timestamp }) => timestamp.getTime() - record.createdAt.getTime())).toEqual([
    0, 1000, 2000,
  ]);
  expect(record.metadata).toEqual({ system: "Be brief.", channel: "web", score: "1", timestamp: "yesterday" });
});

test("messages' own times are the turns'; one without has that of the turn before", async () => {
  const say = (content: string, more: object = {}) => ({ role: "user", content, ...more });
  const { createdAt, updatedAt, timesMadeUp, turns } = await readOne([
    say("a"),
    say("b", { timestamp: 1_700_000_000_250 }),
    say("c"),
    say("d", { created_at: 1_700_000_001 }),
  ]);
  expect(turns.map(({ timestamp }) => timestamp.getTime() - 1_700_000_000_000)).toEqual([250, 250, 250, 1000]);
  expect([createdAt, updatedAt, timesMadeUp]).toEqual([turns[0]?.timestamp, turns[3]?.timestamp, false]);
});

test("turns before the first time of a message have the conversation's own where that is earlier", async () => {
  const said = (created_at: number) => ({
    created_at,
    messages: [TRAJECTORY[1], { ...TRAJECTORY[2], timestamp: 1_700_000_100 }],
  });
  const times = async (created: number) =>
    (await readOne(said(created))).turns.map(({ timestamp }) => timestamp.getTime() / 1000);
  expect(await times(1_700_000_000)).toEqual([1_700_000_000, 1_700_000_100]);
  expect(await times(1_800_000_000)).toEqual([1_700_000_100, 1_700_000_100]);
});

test("what has no times begins when it is asked for, by milliseconds", async () => {
  const created = new Date("2026-05-01T12:00:00Z");
  const { records } = await readInput([TRAJECTORY, TRAJECTORY], undefined, { created });
  expect(records.map(({ createdAt }) => createdAt.toISOString())).toEqual([
    "2026-05-01T12:00:00.000Z",
    "2026-05-01T12:00:00.001Z",
  ]);
});

test("ids and times of messages: a turn has its first message's id and the first time", async () => {
  const { turns } = await readOne([
    { role: "user", content: "a", id: "m1", created_at: 1_700_000_000 },
    { role: "assistant", content: "b", id: "m2" },
    { role: "assistant", content: "c", id: "m3", timestamp: "2023-11-14T22:13:22.5Z" },
    { role: "user", content: "d", id: 7, create_time: 1_700_000_003_250, timestamp: "soon" },
  ]);
  expect(turns.map(({ id, timestamp }) => [id, timestamp.toISOString()])).toEqual([
    ["m1", "2023-11-14T22:13:20.000Z"],
    ["m2", "2023-11-14T22:13:22.500Z"],
    [expect.stringMatching(/^turn_/), "2023-11-14T22:13:23.250Z"],
  ]);
});
