import { describe, expect, test } from "vitest";

import { readInput, readOne } from "../harness/read-input.ts";

const LINE = '{"id": "c1", "turns": [{"id": "t1", "role": "user", "messages": [{"kind": "text", "content": "é 😀"}]}]}';
const OTHER = LINE.replace("c1", "c2").replace("t1", "t2");

describe("an input", () => {
  test.each([
    ["that is empty", ""],
    ["of blank lines", "\n \r\n\t\n"],
    ["of a byte order mark", "\ufeff"],
    ["with an empty list", '{"conversations": []}'],
    ["that is an empty list", "[]\n"],
    ["of empty lists, line by line", "[]\n[]"],
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

  test.each([
    ["two lines", '{"id": "c1", "turns": [', '{"id":'],
    ["two lines, one of which could go on", '{"id": "c1",', '{"id": "c2",'],
    ["two lines, one of them a lone bracket", "{", '{"id": "c2"'],
  ])("of JSON Lines whose first %s are broken keeps the others", async (_which, first, second) => {
    const { records, problems } = await readInput([first, second, LINE, OTHER].join("\n"));
    expect(problems).toEqual([
      expect.stringMatching(/^line 1: is not JSON: /),
      expect.stringMatching(/^line 2: is not JSON: /),
    ]);
    expect(records.map(({ id }) => id)).toEqual(["c1", "c2"]);
  });

  test.each([
    ["cut off", '{\n "conversations": [\n {"id": "c1"\n'],
    ["cut off in one line", '{"conversations": [{"id": "c1"'],
  ])("of one document %s is one fault", async (_how, content) => {
    const { records, problems } = await readInput(content);
    expect(records).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/^line \d: is not JSON: it ends too early$/)]);
  });

  test.each([
    ["cut off after elements that are whole", `[\n${LINE},\n${OTHER}\n`, "line 4: is not JSON: it ends too early"],
    [
      "that lacks a comma",
      `{\n  "conversations": [\n    ${LINE}\n    {}\n  ]\n}`,
      "line 4: is not JSON: a comma is missing before {",
    ],
    ["with a comma too much", `[\n${LINE},\n${OTHER},\n]`, "line 4: is not JSON: a comma too much"],
  ])("of one document %s keeps what came before, and names the line", async (_how, content, problem) => {
    const { records, problems } = await readInput(content);
    expect(records.map(({ id }) => id)).toEqual(["c1", "c2"].slice(0, records.length));
    expect(problems).toEqual([problem]);
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

  const broken = (...parts: (string | number)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))));
  test.each([
    ["first", broken(0xff, `\n${LINE}\n${OTHER}`), "line 1"],
    ["middle", broken(`${LINE}\n{"id": "`, 0xff, `"}\n${OTHER}`), "line 2"],
    ["last, cut off,", broken(`${LINE}\n${OTHER}\n`, 0xf0, 0x9f), "line 3"],
  ])("whose %s line is not UTF-8 keeps the others", async (_where, content, place) => {
    const { records, problems } = await readInput(content);
    expect(problems).toEqual([`${place}: is not valid UTF-8`]);
    expect(records.map(({ id }) => id)).toEqual(["c1", "c2"]);
  });

  test("of one document over several lines that is not UTF-8 is one fault, at its line", async () => {
    const { records, problems } = await readInput(broken('{\n "id": "', 0xff, '",\n "turns": []\n}'));
    expect([records, problems]).toEqual([[], ["line 2: is not valid UTF-8"]]);
  });
});

describe("the format", () => {
  test.each(["7", '"text"', "{}", "null", '{"choices": []}', '[{"from": "human", "words": "x"}]'])(
    "of %s is not understood",
    async (content) => {
      const { records, problems } = await readInput(content);
      expect(records).toEqual([]);
      expect(problems).toEqual([
        expect.stringMatching(/^line 1: is in no format that is understood: .*\(export\); .*\(fixie\); .*\(chat\)$/),
      ]);
    },
  );

  test("of lines before the first that is understood does not keep that and the others out", async () => {
    const { records, problems } = await readInput(["{}", "null", "[]", LINE, OTHER].join("\n"));
    expect(records.map(({ id }) => id)).toEqual(["c1", "c2"]);
    expect(problems).toEqual([
      expect.stringMatching(/^line 1: is in no format that is understood: /),
      "line 2: is in no format that is understood",
    ]);
  });

  test("is told by the content of each record; what none recognises is read as the record before", async () => {
    const lines = [LINE, '[{"role": "user", "content": "x"}]', '{"id": "c3"}', OTHER];
    const { records, problems } = await readInput(lines.join("\n"));
    expect(records).toHaveLength(3);
    expect(problems).toEqual(["line 3: traj or messages: is missing"]);
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
