import { describe, expect, test } from "vitest";

import { readInput, readOne } from "./read-input.ts";

const LINE = '{"id": "c1", "turns": [{"id": "t1", "role": "user", "messages": [{"kind": "text", "content": "é 😀"}]}]}';
const OTHER = LINE.replace("c1", "c2").replace("t1", "t2");

describe("an input", () => {
  test.each([
    ["that is empty", ""],
    ["of blank lines", "\n \r\n\t\n"],
    ["of a byte order mark", "\ufeff"],
    ["with an empty list", '{"conversations": []}'],
  ])("%s holds nothing, which is no fault", async (_what, content) => {
    expect(await readInput(content)).toEqual({ records: [], problems: [], notes: [] });
  });

  test("with a byte order mark, blank lines, CRLF and no last line break", async () => {
    const { records, problems } = await readInput(`\ufeff\r\n${LINE}\r\n\r\n${OTHER}`);
    expect(problems).toEqual([]);
    expect(records.map(({ id }) => id)).toEqual(["c1", "c2"]);
    expect(records[0]?.turns[0]?.messages).toEqual([{ kind: "text", content: "é 😀", state: "done" }]);
  });

  test("of one document over several lines", async () => {
    expect((await readOne(JSON.stringify(JSON.parse(LINE), null, 2))).id).toBe("c1");
  });

  test.each([
    ["first", ['{"id": "broken', LINE, OTHER], "line 1"],
    ["middle", [LINE, "}", OTHER], "line 2"],
    ["last", [LINE, "", OTHER, "["], "line 4"],
  ])("of JSON Lines whose %s line is broken keeps the others", async (_which, lines, place) => {
    const { records, problems } = await readInput(lines.join("\n"));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${place}: is not JSON: `))]);
    expect(records.map(({ id }) => id)).toEqual(["c1", "c2"]);
  });

  test("of one broken document is one fault", async () => {
    const { records, problems } = await readInput('{\n "conversations": [\n {"id": "c1"\n');
    expect(records).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/^: is not JSON: /)]);
  });

  test("that is nested too deeply is a bad record, not a crash", async () => {
    const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
    // A number with a zero at its end makes the parser visit each level.
    const deep = `{"id": "deep", "price": 1.0, "turns": ${nested("[", "]", 100_000)}}`;
    const unread = `{"unread": ${nested("[", "]", 100_000)}, "turns": []}`;
    const call = (args: string) =>
      `{"id": "c3", "turns": [{"role": "assistant", "messages": [{"kind": "functionCall", "name": "f", "args": {"a": ${args}}}]}]}`;
    const lines = [LINE, deep, unread, call(nested("[", "]", 128)), call(nested("[", "]", 127)), OTHER];
    const { records, problems } = await readInput(lines.join("\n"));
    expect(records.map(({ id }) => id)).toEqual(["c1", "c3", "c2"]);
    expect(problems).toEqual([
      "line 2: is nested too deeply",
      "line 3: is nested too deeply",
      "line 4: turns[0].messages[0].args: nests more than 128 deep",
    ]);
  });

  test.each([
    ["in the middle", Buffer.concat([Buffer.from(`${LINE}\n`), Buffer.from([0xff]), Buffer.from(OTHER)])],
    ["cut off at the end", Buffer.concat([Buffer.from(`${LINE}\n`), Buffer.from("😀").subarray(0, 2)])],
  ])("that is not UTF-8 %s", async (_where, content) => {
    await expect(readInput(content)).rejects.toThrow("line 2 is not valid UTF-8");
  });
});

describe("the format", () => {
  test.each(["7", '"text"', "{}", "[]", '{"choices": []}', '[{"from": "human", "value": "x"}]'])(
    "of %s is not understood",
    async (content) => {
      const understood = /^line 1 is in no format that is understood: .*\(export\); .*\(fixie\); .*\(chat\)$/;
      await expect(readInput(content)).rejects.toThrow(understood);
    },
  );

  test("is that of the first readable line", async () => {
    const { records, problems } = await readInput([LINE, '[{"role": "user", "content": "x"}]', OTHER].join("\n"));
    expect(records).toHaveLength(2);
    expect(problems).toEqual(["line 2, [0]: turns: is missing"]);
  });

  test("that is asked for is taken", async () => {
    expect((await readInput(LINE, "chat")).problems).toEqual(["line 1: traj or messages: is missing"]);
    expect((await readInput(LINE, "export")).problems).toEqual(["line 1: format: is missing"]);
    expect((await readInput(LINE, "fixie")).records).toHaveLength(1);
  });
});

test("made-up times count refused records, so that mending one moves no other", async () => {
  const [first, , third] = (await readInput([LINE, OTHER, LINE.replace("c1", "c3")].join("\n"))).records;
  const broken = await readInput([LINE, "{", LINE.replace("c1", "c3")].join("\n"));
  expect(broken.records).toEqual([first, third]);
});

test("keys that are data are counted, not listed without end", async () => {
  const odd = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`key\u001b ${index}`, index]));
  const { notes } = await readInput(JSON.stringify({ ...JSON.parse(LINE), ...odd }));
  expect(notes).toHaveLength(21);
  expect(notes[0]).toBe('left out: unknown field ["key\\u001b 0"], once');
  expect(notes[20]).toBe("left out: other fields, 2980 times");
});
