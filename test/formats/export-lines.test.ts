import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { writeExportLine } from "../../src/formats/export-lines.ts";
import { type ConversationRecord, type TurnRecord, UNDESCRIBED } from "../../src/model/conversation-record.ts";
import { isJsonObject, parseJson } from "../../src/model/json.ts";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { readInput, readOne } from "../harness/read-input.ts";

const storable = (constraints: fc.StringConstraints = {}) =>
  fc.string({ unit: "binary", ...constraints }).filter((text) => !text.includes("\0"));
const id = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 128 });
const instant = fc.date({
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59.999Z"),
  noInvalidDate: true,
});
const name = storable({ minLength: 1, maxLength: 60 });
const isolationKey = name.filter((text) => !/\p{Cc}/u.test(text));
const object = fc
  .dictionary(storable(), fc.jsonValue())
  .map((value) => JSON.stringify(value).replaceAll("\\u0000", ""))
  .map(parseObject);
const metadata = fc.option(object, { nil: undefined }).map((value) => (value === undefined ? {} : { metadata: value }));

const fragment: fc.Arbitrary<MessageFragment> = fc.oneof(
  fc
    .tuple(storable(), fc.constantFrom("done", "in-progress"), metadata)
    .map(([content, state, rest]): MessageFragment => ({ kind: "text", content, state, ...rest })),
  fc
    .tuple(name, object, metadata)
    .map(([called, args, rest]): MessageFragment => ({ kind: "functionCall", name: called, args, ...rest })),
  fc.tuple(name, storable(), fc.boolean(), metadata).map(
    ([called, response, failed, rest]): MessageFragment => ({
      kind: "functionResponse",
      name: called,
      response,
      failed,
      ...rest,
    }),
  ),
);

const turnRecord: fc.Arbitrary<TurnRecord> = fc
  .record({
    role: fc.constantFrom("user", "assistant"),
    state: fc.constantFrom("in-progress", "done", "stopped", "error"),
    timestamp: instant,
    messages: fc.array(fragment, { maxLength: 4 }),
    errorDetail: fc.option(storable()),
    metadata: fc
      .dictionary(storable({ maxLength: 32 }), storable({ maxLength: 256 }), { maxKeys: 3 })
      .map((value) => ({ ...value })),
    revision: fc.option(fc.integer({ min: 1, max: 50 })),
  })
  .map((drawn) => ({
    ...drawn,
    id: "",
    state: drawn.role === "user" ? "done" : drawn.state,
    errorDetail: drawn.role === "assistant" && drawn.state === "error" ? drawn.errorDetail : null,
    inReplyToId: null,
  }));

const record: fc.Arbitrary<ConversationRecord> = fc
  .record({
    ids: fc.uniqueArray(id, { minLength: 7, maxLength: 7 }),
    createdAt: instant,
    updatedAt: instant,
    metadata: fc
      .dictionary(storable({ maxLength: 32 }), storable({ maxLength: 256 }), { maxKeys: 16 })
      .map((value) => ({ ...value })),
    agent: fc.option(fc.record({ name: name.filter((text) => !text.includes(":")), version: fc.option(name) })),
    isolationKey: fc.option(isolationKey),
    revision: fc.integer({ min: 50, max: 2_147_483_647 }),
    turns: fc.array(turnRecord, { maxLength: 6 }),
  })
  .map(({ ids, turns, ...drawn }) => ({
    ...UNDESCRIBED,
    ...drawn,
    id: ids[6] ?? "",
    timesMadeUp: false,
    turnIds: "global",
    turns: withReplies(turns, ids),
  }));

/** Gives the turns their ids and lets each assistant turn reply to the user turn before it, where there is one. */
function withReplies(turns: readonly TurnRecord[], ids: readonly string[]): TurnRecord[] {
  const named = turns.map((each, index) => ({ ...each, id: ids[index] ?? "" }));
  return named.map((each, index) => {
    const question = named.slice(0, index).findLast(({ role }) => role === "user");
    return each.role === "assistant" ? { ...each, inReplyToId: question?.id ?? null } : each;
  });
}

function parseObject(json: string) {
  const value = parseJson(json);
  return isJsonObject(value) ? value : {};
}

test("every conversation reads back from its line, and is written the same again", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 3 }), async (records) => {
      const lines = records.map(writeExportLine);
      expect(lines.every((line) => !line.includes("\n"))).toBe(true);
      const read = await readInput(`${lines.join("\n")}\n`);
      expect(read.problems).toEqual([]);
      expect(read.notes).toEqual([]);
      expect(read.records).toEqual(records);
      expect(read.records.map(writeExportLine)).toEqual(lines);
    }),
    { numRuns: 200 },
  );
});

test("the line as it is written", () => {
  const timestamp = new Date("2024-05-20T10:00:00.123Z");
  const line = writeExportLine(
    conversation("c1", {
      agent: { name: "a", version: "1" },
      metadata: { k: "v" },
      isolationKey: "u",
      turns: [turn("t1", { timestamp, text: "Hi", revision: 1 })],
    }),
  );
  expect(JSON.parse(line)).toEqual({
    format: "conversation-graph/1",
    id: "c1",
    user: "u",
    createdAt: "2024-05-20T10:00:00.123Z",
    updatedAt: "2024-05-20T10:00:00.123Z",
    agent: { name: "a", version: "1" },
    metadata: { k: "v" },
    revision: null,
    turns: [
      {
        id: "t1",
        revision: 1,
        timestamp: "2024-05-20T10:00:00.123Z",
        role: "user",
        state: "done",
        messages: [{ kind: "text", content: "Hi", state: "done" }],
        errorDetail: null,
        inReplyToId: null,
      },
    ],
  });
});

test("numbers keep their digits", async () => {
  const args = parseObject('{"id":12345678901234567890,"price":1.50}');
  const line = writeExportLine(
    conversation("c1", {
      turns: [turn("t1", { role: "assistant", messages: [{ kind: "functionCall", name: "f", args }] })],
    }),
  );
  expect(line).toContain('"args":{"id":12345678901234567890,"price":1.50}');
  expect(writeExportLine(await readOne(line))).toBe(line);
});

describe("a bad record is named:", () => {
  const good = JSON.parse(writeExportLine(conversation("c1", { turns: [turn("t1"), turn("t2")] })));
  const [first, second] = good.turns;
  const long = "x".repeat(129);
  test.each<[problem: string, change: object]>([
    ["format: must be one of conversation-graph/1", { format: "conversation-graph/2" }],
    ["id: is missing", { id: null }],
    ["id: must be 1 to 128 printable ASCII characters, without another kind's prefix (conv_, turn_)", { id: "é" }],
    ["createdAt: is missing", { createdAt: undefined }],
    ["updatedAt: must be an RFC 3339 instant of the years 0001 to 9999", { updatedAt: "2024-02-30T00:00:00Z" }],
    ["turns[0].timestamp: is missing", { turns: [{ ...first, timestamp: null }] }],
    ["turns[1].id: is used twice in the conversation", { turns: [first, first] }],
    ['turns[0].metadata: "k" must be a string', { turns: [{ ...first, metadata: { k: 1 } }] }],
    ["turns[0].id: is used twice in the conversation", { id: "t1" }],
    ["turns[1].revision: must be a whole number from 1 to 2147483647", { turns: [first, { ...second, revision: 0 }] }],
    ["revision: is less than a turn's, or than the turns", { revision: 1 }],
    ["revision: is less than a turn's, or than the turns", { revision: 7, turns: [{ ...first, revision: 8 }] }],
    ["metadata: must be a JSON object", { metadata: ["a"] }],
    ['metadata: "a" must be a string', { metadata: { a: 1 } }],
    ['metadata: "a" has a value over 512 characters', { metadata: { a: "x".repeat(513) } }],
    [
      "metadata: has more than 16 pairs",
      { metadata: Object.fromEntries([..."abcdefghijklmnopq"].map((key) => [key, ""])) },
    ],
    ["agent.name: is missing", { agent: {} }],
    [
      "agent: needs a name without colon, and a version or none, of 1 to 128 characters each",
      { agent: { name: "a:1" } },
    ],
    [
      "agent: needs a name without colon, and a version or none, of 1 to 128 characters each",
      { agent: { name: "a", version: long } },
    ],
    ["user: must be 1 to 256 bytes without control characters", { user: "" }],
    ["user: must be 1 to 256 bytes without control characters", { user: "é".repeat(129) }],
    ["user: must be 1 to 256 bytes without control characters", { user: "a\tb" }],
  ])("%s", async (problem, change) => {
    const lines = [good, { ...good, ...change }, { ...good, id: "c3" }].map((value) => JSON.stringify(value));
    const { records, problems } = await readInput(lines.join("\n"));
    expect(problems).toEqual([`line 2: ${problem}`]);
    expect(records.map(({ id: kept }) => kept)).toEqual(["c1", "c3"]);
  });
});
