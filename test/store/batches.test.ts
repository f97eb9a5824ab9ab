import { expect, test } from "vitest";

import { createBatches, type WriteAll } from "../../src/store/database/batches.ts";
import { createRequester } from "../../src/store/database/requester.ts";

const EXECUTOR = { rows: () => Promise.reject(new Error("Nothing asks the database here.")) };

/** A write whose statements end when they are told to, with what each was sent. */
function heldWrite() {
  const sent: { items: readonly string[]; end: PromiseWithResolvers<void> }[] = [];
  const write: WriteAll<string, string> = async (_executor, items) => {
    const end = Promise.withResolvers<void>();
    sent.push({ items, end });
    await end.promise;
    return items.map((item) => item.toUpperCase());
  };
  return { sent, write, end: (at: number, error?: unknown) => settle(sent[at]?.end, error) };
}

async function settle(end: PromiseWithResolvers<void> | undefined, error: unknown): Promise<void> {
  if (error === undefined) end?.resolve();
  else end?.reject(error);
  await new Promise(setImmediate);
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test("what comes while a statement is under way goes into the next one, in order, up to 64 at a time", async () => {
  const writeInBatch = createBatches(() => EXECUTOR);
  const { sent, write, end } = heldWrite();
  const names = Array.from({ length: 70 }, (_, at) => `n${at}`);
  const written = names.map((name) => writeInBatch("a", name, write));
  await end(0);
  await end(1);
  await end(2);
  expect(sent.map(({ items }) => items)).toEqual([names.slice(0, 1), names.slice(1, 65), names.slice(65)]);
  expect(await Promise.all(written)).toEqual(names.map((name) => name.toUpperCase()));
});

test("what has another name waits for nothing", async () => {
  const writeInBatch = createBatches(() => EXECUTOR);
  const { sent, write } = heldWrite();
  for (const name of ["a", "b", "a"]) void writeInBatch(name, name, write);
  expect(sent.map(({ items }) => items)).toEqual([["a"], ["b"]]);
});

test("the first item's caller stands for all, and an item whose request is gone is not written", async () => {
  const callers: unknown[] = [];
  const writeInBatch = createBatches((requester) => {
    callers.push(requester?.caller.user);
    return EXECUTOR;
  });
  const { sent, write, end } = heldWrite();
  const gone = new AbortController();
  const of = (user: string, signal?: AbortSignal) => createRequester({ project: "p", key: "k", user }, signal);
  const first = writeInBatch("a", "first", write, of("ann"));
  const left = writeInBatch("a", "left", write, of("bob", gone.signal));
  const last = writeInBatch("a", "last", write, of("carl"));
  gone.abort();
  const outcome = expect(left).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  await end(0);
  await end(1);
  await outcome;
  expect(sent.map(({ items }) => items)).toEqual([["first"], ["last"]]);
  expect(callers).toEqual(["ann", "carl"]);
  expect(await Promise.all([first, last])).toEqual(["FIRST", "LAST"]);
});

test("an error that one item may have caused is its own: each is written alone", async () => {
  const writeInBatch = createBatches(() => EXECUTOR);
  const { sent, write, end } = heldWrite();
  const written = ["first", "good", "bad", "fine"].map((item) => writeInBatch("a", item, write));
  const outcomes = Promise.allSettled(written);
  await end(0);
  await end(1, failure("23514"));
  await end(2);
  await end(3, failure("23514"));
  await end(4);
  expect(sent.map(({ items }) => items)).toEqual([["first"], ["good", "bad", "fine"], ["good"], ["bad"], ["fine"]]);
  expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
});

test.each(["CONNECTION_CLOSED", "57014", "53300"])("after %s nothing is sent again", async (code) => {
  const writeInBatch = createBatches(() => EXECUTOR);
  const { sent, write, end } = heldWrite();
  const outcomes = Promise.allSettled(["first", "second", "third"].map((item) => writeInBatch("a", item, write)));
  await end(0);
  await end(1, failure(code));
  expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  expect(sent).toHaveLength(2);
});
