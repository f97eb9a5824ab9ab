import fc from "fast-check";
import { expect, test } from "vitest";

import { createEchoes } from "../../src/store/watch/echoes.ts";

const steps = fc.array(fc.constantFrom("announce", "send", "fail", "foreign", "deliver", "listen"), { maxLength: 40 });

/** What watchers of one name go through: the times of changes by other processes, and of wakes. */
function run(steps: readonly string[]): { changes: number[]; wakes: number[]; passedOver: number } {
  const echoes = createEchoes();
  const [changes, wakes, underWay]: [number[], number[], string[]] = [[], [], []];
  let [pending, passedOver] = [false, 0];
  const send = () => {
    if (pending) echoes.expect(["name"]);
    const isSent = pending;
    pending = false;
    return isSent;
  };
  const deliver = (time: number) => {
    if (underWay.shift() === undefined) return;
    if (echoes.isExpected("name")) passedOver += 1;
    else wakes.push(time);
  };
  const take: Record<string, (time: number) => void> = {
    // The process' own change, which wakes its watchers and is sent later.
    announce: (time) => {
      pending = true;
      wakes.push(time);
    },
    send: () => {
      if (send()) underWay.push("own");
    },
    fail: (time) => {
      if (!send()) return;
      echoes.forget(["name"]);
      wakes.push(time);
    },
    foreign: (time) => {
      changes.push(time);
      underWay.push("foreign");
    },
    deliver,
    // Another connection listens: what was under way on the last one is lost.
    listen: (time) => {
      underWay.length = 0;
      echoes.forgetAll();
      wakes.push(time);
    },
  };
  for (const [time, step] of steps.entries()) take[step]?.(time);
  take.send?.(steps.length);
  while (underWay.length > 0) deliver(steps.length);
  return { changes, wakes, passedOver };
}

test("whatever comes in whatever order, watchers are woken after every change of another process", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const { changes, wakes } = run(taken);
      for (const change of changes) expect(wakes.some((wake) => wake > change)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("what a process sent itself does not wake its watchers a second time", () => {
  const sent = ["announce", "send", "deliver"];
  expect(run([...sent, ...sent, ...sent])).toEqual({ changes: [], wakes: [0, 3, 6], passedOver: 3 });
});
