import { expect, test } from "vitest";

import { FORMAT_NAMES } from "../../src/formats/detect.ts";
import { readFixture } from "../harness/outline.ts";
import { readInput } from "../harness/read-input.ts";

const FIXTURES = {
  chatgpt: "chatgpt.json",
  claude: "claude.json",
  langchain: "langgraph.json",
  gemini: "gemini.json",
  "ui-messages": "ui-messages.json",
  anthropic: "anthropic.json",
  sharegpt: "sharegpt.jsonl",
};

test.each(Object.entries(FIXTURES))(
  "what is told to be %s is the same when it is asked for by name",
  async (name, file) => {
    const text = await readFixture(file);
    expect(await readInput(text, name)).toEqual(await readInput(text));
  },
);

test("records of several formats in one file are each read as their own", async () => {
  const texts = await Promise.all(Object.values(FIXTURES).map(readFixture));
  const separate = await Promise.all(texts.map((text) => readInput(text)));
  const lines = texts.flatMap((text) =>
    text.startsWith('{"id"') ? text.trim().split("\n") : [JSON.stringify(JSON.parse(text))],
  );
  const { records, problems } = await readInput(lines.join("\n"), undefined, {
    created: new Date("2026-01-01T00:00:00Z"),
  });
  expect(problems).toEqual([]);
  expect(records.map(({ turns }) => turns.map(({ messages }) => messages))).toEqual(
    separate.flatMap((read) => read.records.map(({ turns }) => turns.map(({ messages }) => messages))),
  );
});

test.each(FORMAT_NAMES)(
  "a file of another format is a bad record when %s is asked for, never a crash",
  async (name) => {
    for (const [other, file] of Object.entries(FIXTURES)) {
      if (other === name) continue;
      const { records, problems } = await readInput(await readFixture(file), name);
      // Some are near enough to each other to be read: but never as if nothing were said.
      for (const { turns } of records) expect(turns.flatMap(({ messages }) => messages)).not.toEqual([]);
      expect(records.length + problems.length).toBeGreaterThan(0);
    }
  },
);
