import { describe, expect, test } from "vitest";

import { outline, readFixture } from "../harness/outline.ts";
import { readInput } from "../harness/read-input.ts";

interface Node {
  parent?: string | null;
  children?: unknown;
  time?: number;
  role?: string;
}

/** A ChatGPT conversation with the ids of its messages as their texts. */
function tree(nodes: Record<string, Node>, current_node?: unknown) {
  const mapping = Object.fromEntries(
    Object.entries(nodes).map(([id, { role = "user", time, ...node }]) => {
      const content = { content_type: "text", parts: [id] };
      return [id, { id, ...node, message: { id, author: { role }, create_time: time ?? null, content } }];
    }),
  );
  return { id: "c1", title: "T", mapping, current_node };
}

const FORK = {
  q: { parent: null },
  old: { parent: "q", role: "assistant", time: 1_700_000_001 },
  new: { parent: "q", role: "assistant", time: 1_700_000_003 },
  more: { parent: "old", time: 1_700_000_002 },
};

describe("shown is", () => {
  test.each<[what: string, conversation: object, lines: string[], notes: string[]]>([
    [
      "the branch of current_node",
      tree(FORK, "more"),
      ["user: q", "assistant: old", "user: more"],
      ["branch that was not shown, once"],
    ],
    [
      "what leads to current_node, also where branches go on behind it",
      tree(FORK, "old"),
      ["user: q", "assistant: old"],
      ["branch that was not shown, 2 times"],
    ],
    [
      "the last written branch where no node is named",
      tree(FORK),
      ["user: q", "assistant: new"],
      ["branch that was not shown, once"],
    ],
    [
      "what children say where nodes name no parents",
      tree({ a: { children: ["b"] }, b: { role: "assistant" } }, "b"),
      ["user: a", "assistant: b"],
      [],
    ],
    [
      "what is left of a branch whose beginning is missing",
      tree({ b: { parent: "gone", children: ["lost"] } }, "b"),
      ["user: b"],
      ["what was said before a message whose parent is missing, once"],
    ],
    ["nothing in a conversation without nodes", tree({}), [], []],
    ["nothing for a node without a message", { id: "c1", mapping: { a: { parent: null } }, current_node: "a" }, [], []],
  ])("%s", async (_what, conversation, lines, notes) => {
    const result = await readInput(conversation);
    expect(result.problems).toEqual([]);
    expect(outline(result.records[0]?.turns)).toEqual(lines);
    expect(result.notes).toEqual(notes.map((note) => `left out: ${note}`));
  });
});

describe("a tree that is none is a bad record, by name:", () => {
  test.each<[problem: string, conversation: object]>([
    ["mapping.a.parent: makes the message its own ancestor", tree({ a: { parent: "a" } }, "a")],
    [
      "mapping.b.parent: makes the message its own ancestor",
      tree({ a: { parent: null }, b: { parent: "c" }, c: { parent: "b" } }, "a"),
    ],
    ["current_node: names no node of the mapping", tree(FORK, "gone")],
    ["current_node: must be a string", tree(FORK, 7)],
    ["mapping.a.parent: must be a string", tree({ a: { parent: 7 as unknown as string } }, "a")],
    ["mapping.a.children: must be an array of strings", tree({ a: { children: "b" } }, "a")],
    ["mapping.a.children: must be an array of strings", tree({ a: { children: [null] } }, "a")],
    ["mapping.a: must be a JSON object", { mapping: { a: "b" } }],
    ["mapping.a.message: must be a JSON object", { mapping: { a: { message: [] } } }],
    ["mapping.a.message.author: is missing", { mapping: { a: { message: { content: {} } } } }],
    ["mapping: is missing", { title: "T" }],
    ["mapping: must be a JSON object", { mapping: [] }],
    [
      "conversation_id: must be 1 to 128 printable ASCII characters, without another kind's prefix (conv_, turn_)",
      { ...tree(FORK), conversation_id: "ü" },
    ],
  ])("%s", async (problem, conversation) => {
    for (const allBranches of [false, true]) {
      const { records, problems } = await readInput([tree(FORK), conversation], "chatgpt", { allBranches });
      expect(problems).toEqual([`[1]: ${problem}`]);
      expect(records).toHaveLength(allBranches ? 2 : 1);
    }
  });
});

test("hundreds of branches of hundreds of messages are each read once", async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`n${index}`, { parent: index === 0 ? null : `n${index - 1}` }]),
  );
  const leaves = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`leaf${index}`, { parent: "n299" }]));
  const { records, notes } = await readInput(tree({ ...chain, ...leaves }, "leaf7"));
  expect(records[0]?.turns).toHaveLength(301);
  expect(notes).toEqual(["left out: branch that was not shown, 299 times"]);
});

describe("with all branches", () => {
  test("each leaf is a conversation, which is the same each time; ids of turns are those of the messages", async () => {
    const read = () => readInput(tree(FORK, "more"), undefined, { allBranches: true });
    const { records, problems, notes } = await read();
    expect([problems, notes]).toEqual([[], []]);
    expect(records.map(({ turns }) => outline(turns))).toEqual([
      ["user: q", "assistant: old", "user: more"],
      ["user: q", "assistant: new"],
    ]);
    const [shown, other] = records;
    expect([shown?.id, shown?.metadata]).toEqual(["c1", { title: "T" }]);
    expect([other?.id, other?.metadata]).toEqual([expect.stringMatching(/^conv_/), { branch_of: "c1", title: "T" }]);
    expect(other?.turns.map(({ timestamp }) => timestamp.getTime())).toEqual([1_700_000_001_000, 1_700_000_003_000]);
    expect(records.map(({ turns, turnIds }) => [turnIds, turns.map(({ id }) => id)])).toEqual([
      ["local", ["q", "old", "more"]],
      ["local", ["q", "new"]],
    ]);
    expect((await read()).records).toEqual(records);
  });

  test("the shown one is as it is without", async () => {
    const fixture = await readFixture("chatgpt.json");
    const [alone, all] = [await readInput(fixture), await readInput(fixture, undefined, { allBranches: true })];
    expect(all.records).toHaveLength(3);
    expect(all.records.filter(({ metadata }) => metadata.branch_of === undefined)).toEqual(alone.records);
  });

  test("in Claude's export too", async () => {
    const { records } = await readInput(await readFixture("claude.json"), undefined, { allBranches: true });
    expect(records.map(({ turns }) => outline(turns).at(-1))).toEqual([
      expect.stringContaining("There is none."),
      "assistant: I cannot know.",
      "assistant: Hi!",
    ]);
  });
});
