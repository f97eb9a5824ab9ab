import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, update, words } from "../harness/writes.ts";

let server: TestServer;
let conversationId: string;
beforeAll(async () => {
  server = await startTestServer();
  conversationId = await create(server);
});
afterAll(() => server.close());

const UPDATE = "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id } } }";
const [HIGH, LOW] = ["\ud83d", "\ude00"];

/** The id of a new assistant turn that has appended the pieces of text. */
async function start(...pieces: string[]): Promise<string> {
  const { id } = await append(server, {
    conversationId,
    turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] },
  });
  for (const appendText of pieces) await update(server, { id, appendText });
  return id;
}

const text = (content: string, state = "DONE") => ({ __typename: "TextFragment", content, state, metadata: null });

test("text that is cut anywhere, inside of characters too, comes together again", async () => {
  const said = fc.string({ unit: fc.constantFrom("a", "é", "\u{1f600}", "\u{1f468}\u{200d}\u{1f469}") });
  await fc.assert(
    fc.asyncProperty(said, fc.array(fc.nat({ max: 20 }), { maxLength: 6 }), async (whole, cuts) => {
      const ends = [...cuts.filter((cut) => cut < whole.length), whole.length].sort((one, other) => one - other);
      const id = await start(...ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end)));
      expect((await update(server, { id, state: "DONE" })).messages).toEqual([text(whole)]);
    }),
    { numRuns: 30 },
  );
});

test("half a character is not shown until it is whole", async () => {
  const id = await start("a");
  expect((await update(server, { id, appendText: `b${HIGH}` })).messages).toEqual([text("ab", "IN_PROGRESS")]);
  expect((await update(server, { id, appendText: "" })).messages).toEqual([text("ab", "IN_PROGRESS")]);
  const shown = (await readTurns(server, conversationId)).find((turn) => turn.id === id);
  expect(shown.messages).toEqual([text("ab", "IN_PROGRESS")]);
  expect((await update(server, { id, appendText: `${LOW}c` })).messages).toEqual([text("ab😀c", "IN_PROGRESS")]);
});

test.each([
  ["the turn is done", { state: "DONE" }, [text("a\ufffd")]],
  ["it is stopped", { state: "STOPPED" }, [text("a\ufffd", "IN_PROGRESS")]],
  ["fragments follow", { appendMessages: [words("b")] }, [text("a\ufffd", "IN_PROGRESS"), text("b")]],
  ["all fragments are replaced", { messages: [words("b")] }, [text("b")]],
])("half a character ends as U+FFFD when %s", async (_when, change, messages) => {
  const id = await start(`a${HIGH}`);
  expect((await update(server, { id, ...change })).messages).toEqual(messages);
});

test.each([
  ["what does not complete it", `a${HIGH}`, "b", "second half of the surrogate pair"],
  ["another first half", `a${HIGH}`, HIGH, "second half of the surrogate pair"],
  ["a second half without the first", "a", LOW, "must not begin with the second half"],
  ["a half inside the text", "a", `b${HIGH}c`, "must be Unicode"],
  ["a half inside the text that completes one", `a${HIGH}`, `${LOW}b${LOW}`, "must be Unicode"],
  ["NUL", "a", "\0", "must be Unicode"],
])("an append of %s is refused and changes nothing", async (_name, before, appendText, message) => {
  const id = await start(before);
  const { data, errors } = await post(server, UPDATE, { input: { id, appendText } });
  expect(data).toEqual({ updateTurn: null });
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "input.appendText" } }]);
  expect(errors?.[0]?.message).toContain(message);
  const rest = before.endsWith(HIGH) ? LOW : "";
  const whole = await update(server, { id, appendText: `${rest}!`, state: "DONE" });
  expect(whole.messages).toEqual([text(`${before}${rest}!`)]);
});

test("halves anywhere else are refused", async () => {
  const id = await start("a");
  const { errors } = await post(server, UPDATE, { input: { id, appendMessages: [words(HIGH)] } });
  expect(errors).toMatchObject([{ extensions: { argument: "input.appendMessages.0.text.content" } }]);
});
