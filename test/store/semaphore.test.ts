import { expect, test, vi } from "vitest";

import { createSemaphore, type Semaphore, type Slot } from "../../src/store/database/semaphore.ts";

const LONG_MS = 60_000;
const LATER_MS = 10_001;

/** The slots in the order of their grants, each with its holder: "key", "key.user", or "server". */
type Served = { name: string; slot: Slot }[];

function take(slots: Semaphore, name: string, signal?: AbortSignal): Slot {
  const [key = "", user = ""] = name.split(".");
  const [project = ""] = key.split("/");
  return slots.take(name === "server" ? null : { project, key, user }, signal);
}

/** Takes slots for the callers in this order; returns the granted ones so far. */
function takeAll(slots: Semaphore, names: readonly string[]): Served {
  const served: Served = [];
  for (const name of names) {
    const slot = take(slots, name);
    if (slot.waited === null) served.push({ name, slot });
    // Some wait until long after the test.
    else void slot.waited.then(() => served.push({ name, slot })).catch(() => {});
  }
  return served;
}

const namesOf = (served: Served) => served.map(({ name }) => name);

const several = (caller: string, times: number): string[] => Array(times).fill(caller);
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The callers that are served as each of these returns a slot. */
async function releaseEach(served: Served, names: readonly string[]): Promise<string[]> {
  for (const name of names) {
    const at = served.findIndex((one) => one.name === name);
    served.splice(at, 1)[0]?.slot.release();
  }
  const before = served.length;
  await settled();
  return namesOf(served.slice(before));
}

test.each([
  // A caller that is alone leaves a third, where that is a slot at least.
  [1, several("a", 3), ["a"]],
  [2, several("a", 3), ["a", "a"]],
  [4, several("a", 9), several("a", 3)],
  [10, several("a", 20), several("a", 7)],
  // Then others find some, the first of which each may have whatever the first one has.
  [10, [...several("a", 20), "b", "b", "c", "d"], [...several("a", 7), "b", "c"]],
  // With others there one has half at most, two have a third each, and so on.
  [10, ["b", ...several("a", 20)], ["b", ...several("a", 4)]],
  [11, ["b", ...several("a", 20), ...several("b", 20)], ["b", ...several("a", 5), "b", "b"]],
  [2, ["b", "a", "a", "b"], ["b", "a"]],
  [3, ["b", "a", "a", "b", "c"], ["b", "a", "c"]],
  // So have the users of a key, and whatever users a key stands for they have no more than it has.
  [10, ["a.2", ...several("a.1", 20)], ["a.2", ...several("a.1", 4)]],
  [10, ["b", "a.1", "a.2", "a.3", "a.4", "a.5", "a.6", "b"], ["b", "a.1", "a.2", "a.3", "a.4", "b"]],
  [
    10,
    ["a.1", "a.2", "a.3", "a.4", "a.5", "a.6", "a.7", "a.8", "a.9"],
    ["a.1", "a.2", "a.3", "a.4", "a.5", "a.6", "a.7"],
  ],
  // The server itself may have every one, and finds one whatever the others have.
  [4, ["server", "server", "server", "server", "server"], several("server", 4)],
  [4, [...several("a", 9), "b", "server", "server"], [...several("a", 3), "server"]],
  [4, ["a", "b", "c", "d", "server", "d"], ["a", "b", "c", "server"]],
  [4, ["server", "a", "b", "c", "d"], ["server", "a", "b", "c"]],
])("of %i slots, %j have %j", (count, callers, expected) => {
  expect(namesOf(takeAll(createSemaphore(count, LONG_MS), callers))).toEqual(expected);
});

/** The callers that are served as each returns the only slot, one after the other. */
async function servedInTurn(served: Served): Promise<string[]> {
  const order = [];
  for (let name = served[0]?.name; name !== undefined; ) {
    [name] = await releaseEach(served, [name]);
    if (name !== undefined) order.push(name);
  }
  return order;
}

test("callers take turns, whatever number each has waiting, and the server goes first", async () => {
  const slots = createSemaphore(1, LONG_MS);
  const served = takeAll(slots, ["a", ...several("a", 3), ...several("b", 2), "c", "server"]);
  expect(await servedInTurn(served)).toEqual(["server", "a", "b", "c", "a", "b", "a"]);
  expect(slots.load()).toEqual({ size: 1, used: 0, waiting: 0, refused: 0 });
});

test("what the server has to do in any number takes turns too", async () => {
  const slots = createSemaphore(2, LONG_MS);
  const served = takeAll(slots, ["server", "a", ...several("server", 3), "b", "a"]);
  expect(await releaseEach(served, ["a"])).toEqual(["server"]);
  expect(await releaseEach(served, ["server"])).toEqual(["b"]);
  expect(await releaseEach(served, ["b"])).toEqual(["a"]);
  expect(await releaseEach(served, ["a"])).toEqual(["server"]);
});

test("users of a key take turns among themselves when it is the key's turn", async () => {
  const slots = createSemaphore(1, LONG_MS);
  const served = takeAll(slots, ["a.1", "a.1", "a.1", "a.2", "a.3", "a.2", "b", "a", "b"]);
  expect(await servedInTurn(served)).toEqual(["a.1", "b", "a.2", "b", "a.3", "a", "a.1", "a.2"]);
});

test("one who had all goes back to his share when others come, and has more again when they were not seen for a while", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const slots = createSemaphore(8, LONG_MS);
    const served = takeAll(slots, [...several("a", 12), "b"]);
    expect(namesOf(served)).toEqual([...several("a", 6), "b"]);
    expect(await releaseEach(served, several("a", 2))).toEqual([]);
    expect(await releaseEach(served, ["a", "b"])).toEqual(["a"]);
    expect(slots.load()).toEqual({ size: 8, used: 4, waiting: 5, refused: 0 });
    vi.advanceTimersByTime(LATER_MS);
    expect(await releaseEach(served, ["a"])).toEqual(several("a", 3));
    expect(slots.load()).toEqual({ size: 8, used: 6, waiting: 2, refused: 0 });
  } finally {
    vi.useRealTimers();
  }
});

test("places to wait are shared in the same way, and one too many is refused at once", async () => {
  const slots = createSemaphore(1, LONG_MS);
  const refused: string[] = [];
  const waitFor = (caller: string, times: number) => {
    for (let time = 0; time < times; time += 1) void take(slots, caller).waited?.catch(() => refused.push(caller));
  };
  waitFor("a", 1 + 150);
  waitFor("b", 100);
  waitFor("c", 10);
  await settled();
  expect(slots.load()).toEqual({ size: 1, used: 1, waiting: 100 + 50 + 10, refused: refused.length });
  expect(refused).toEqual([...several("a", 50), ...several("b", 50)]);
});

test("one who waited long enough, or has left, is refused and takes no turn", async () => {
  const slots = createSemaphore(1, 20);
  const leaving = new AbortController();
  const [served] = takeAll(slots, ["a"]);
  const [late, left] = [take(slots, "b").waited, take(slots, "c", leaving.signal).waited];
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await expect(late).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  served?.slot.release();
  expect(slots.load()).toEqual({ size: 1, used: 0, waiting: 0, refused: 1 });
  expect(take(slots, "d").waited).toBeNull();
});

test("by project, the keys of one have a share together, and leave others theirs", () => {
  const keys = ["p/1", "p/2", "p/3", "p/4", "p/5", "p/6"].flatMap((key) => [key, key, key]);
  const served = (byProject: boolean, names: readonly string[]) =>
    namesOf(takeAll(createSemaphore(12, LONG_MS, byProject), names))
      .map((name) => name.slice(0, 1))
      .join("");
  expect(served(true, ["q/1", ...keys, "q/1", "r/1"])).toBe("qpppppqr");
  expect(served(false, ["q/1", ...keys, "q/1", "r/1"]).match(/p/g)?.length).toBeGreaterThan(5);
});
