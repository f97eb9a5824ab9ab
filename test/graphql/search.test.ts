import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, text, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  const minute = (number: number) => ({ createdAt: new Date(Date.UTC(2024, 0, 1, 0, number)) });
  await store(server.database, [
    conversation("a", {
      ...minute(1),
      turns: [
        turn("a1", { text: "I want to cancel my Flight to Paris." }),
        turn("a2", { role: "assistant", messages: [text("The booking is"), text("refundable, of course")] }),
      ],
    }),
    conversation("b", {
      ...minute(2),
      metadata: { title: "A holiday trip" },
      turns: [turn("b1", { text: "a flight" }), turn("b2", { text: "from paris to Rome; don't cancel flight-plans" })],
    }),
    conversation("c", {
      ...minute(3),
      turns: [
        turn("c1", { text: "ÉTÉ à Zürich. ΟΔΟΣ, Straße, Привет, こんにちは" }),
        turn("c2", { text: "order #4711 costs 10.50" }),
      ],
    }),
    conversation("d", {
      ...minute(4),
      turns: [
        turn("d1", { text: "hotel" }),
        turn("d2", {
          role: "assistant",
          state: "in-progress",
          messages: [
            { kind: "functionCall", name: "lookup", args: { city: "calledword" } },
            text("One moment"),
            { kind: "text", content: "Streaming a PARIS answer, ΟΔΟΣ", state: "in-progress" },
          ],
        }),
      ],
    }),
    conversation("e", {
      ...minute(5),
      metadata: { note: "metaword" },
      turns: [
        turn("e1", {
          role: "assistant",
          messages: [
            { kind: "functionCall", name: "callname", args: { city: "argword" }, metadata: { note: "fragmentword" } },
            { kind: "functionResponse", name: "callname", response: "responseword", failed: false },
          ],
        }),
      ],
    }),
  ]);
});
afterAll(() => server.close());

const LIST = `query ($search: String!) {
  conversations(filter: { search: $search }, orderBy: { direction: ASC }) { totalCount nodes { id } }
}`;

async function search(text: string): Promise<string> {
  const { conversations } = await ask(server, LIST, { search: text });
  expect(conversations.totalCount).toBe(conversations.nodes.length);
  return conversations.nodes.map(({ id }: { id: string }) => id).join("");
}

describe("finds", () => {
  test.each([
    ["one word", "booking", "a"],
    ["the last word by its beginning", "book", "a"],
    ["whole words in quotes", '"book"', ""],
    ["whole words before the last", "book the", ""],
    ["the last word of an alternative by its beginning, where it is the last of all", "book or hot", "d"],
    ["what must not begin so, by whole words", "flight -book", "ab"],
    ["the title", "trip", "b"],
    ["the title's last word by its beginning", "flight holi", "b"],
    ["a title without a word", "paris -holiday", "ad"],
    ["a title's phrase", '"holiday trip"', "b"],
    ["no other form of a word: the configuration is simple", "bookings", ""],
    ["words that other languages stop at", "the", "a"],
    ["all words", "flight cancel", "ab"],
    ["words of different turns", "cancel booking", "a"],
    ["words of different conversations: nothing", "booking rome", ""],
    ["upper and lower case alike", "FLIGHT paris", "ab"],
    ["upper and lower case alike beyond ASCII", "été ZÜRICH привет", "c"],
    ["the text as it was written", "ÉTÉ", "c"],
    ["a sigma at the end of a word", "ΟΔΟΣ", "cd"],
    ["other scripts", "こんにちは", "c"],
    ["letters without a case of their own", "Straße", "c"],

    ["a phrase", '"cancel my flight"', "a"],
    ["a phrase's words in their order", '"flight my cancel"', ""],
    ["a phrase in one turn only", '"flight from"', ""],
    ["a phrase over two fragments of a turn", '"is refundable"', "a"],
    ["a phrase and a word", '"to rome" flight', "b"],
    ["a phrase that is not closed", '"cancel my', "a"],

    ["either side of or", "booking or rome", "ab"],
    ["or in any case", "booking OR rome oR hotel", "abd"],
    ["or binds less than words side by side", "booking paris or rome cancel", "ab"],
    ["or at the ends means nothing", "or booking or", "a"],
    ["or in quotes is a word", '"or"', ""],

    ["without a word", "paris -rome", "ad"],
    ["without a phrase", 'flight -"cancel my"', "b"],
    ["a word that another turn excludes", "hotel -streaming", ""],
    ["everything but", "-paris", "ce"],
    ["everything but either", "-paris -été", "e"],
    ["or everything but", "booking or -paris", "ace"],

    ["punctuation aside", "(flight?) [paris], rome!", "b"],
    ["what only looks like an operator", "flight & paris | rome", "b"],
    ["words with a hyphen, by the whole", "flight-plans", "b"],
    ["words with a hyphen, by a part", "plans", "b"],
    ["words with an apostrophe", "don't", "b"],
    ["numbers", "4711", "c"],
    ["numbers with a fraction", "10.50", "c"],
    ["no pattern", "fl%ght", ""],
    ["what is quoted like SQL", "hotel' OR '1'='1", "d"],
    ["a word longer than any index takes", "x".repeat(5000), ""],

    ["a turn in progress", "streaming", "d"],
    ["words of a turn in progress and of another", "hotel answer", "d"],
    ["a phrase of a turn in progress", '"a paris answer"', "d"],
    ["a phrase over two fragments of a turn in progress", '"moment streaming"', "d"],
  ])("%s", async (_name, text, ids) => {
    expect(await search(text)).toBe(ids);
  });

  test.each(["responseword", "argword", "callname", "fragmentword", "metaword", "calledword", "lookup"])(
    "only what was said, so not %s",
    async (word) => {
      expect(await search(word)).toBe("");
    },
  );
});

test.each(["", " ", "\t\n", "-", '"', '""', "?!", "or", "or or", "🙂", "- - -", "%", "\u00a0"])(
  "no word in %j: refused",
  async (text) => {
    const { data, errors } = await post(server, LIST, { search: text });
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "filter.search" });
  },
);

test("32 words at most", async () => {
  expect(await search("flight ".repeat(32))).toBe("ab");
  const { errors } = await post(server, LIST, { search: "flight ".repeat(33) });
  expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "filter.search" });
});
