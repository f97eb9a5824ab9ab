import fc from "fast-check";
import type { ConversationRecord, TurnRecord } from "../../src/model/conversation-record.ts";
import { isJsonObject, parseJson } from "../../src/model/json.ts";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { conversation, turn } from "./conversations.ts";

const storable = (constraints: fc.StringConstraints = {}) =>
  fc.string({ unit: "binary", ...constraints }).filter((text) => !text.includes("\0"));

/** Texts, of which some are such as formats give a meaning to. */
const text = fc.oneof(
  { weight: 3, arbitrary: storable() },
  fc.constantFrom("", " ", "Error: no", "[]", "null", "1.0", '{"a":1.50}', '{"10":1,"9":2}', "line\nline"),
);

const args = fc
  .dictionary(storable(), fc.jsonValue())
  .map((value) => parseJson(JSON.stringify(value).replaceAll("\\u0000", "")))
  .map((value) => (isJsonObject(value) ? value : {}));

/** Few names and ids, so that they meet. */
const name = fc.constantFrom("f", "g", "h-i", "ü 🙂");
const callId = fc.option(fc.constantFrom("c1", "c2", "call_1_1", ""), { nil: undefined });
const metadata = fc
  .tuple(callId, fc.boolean())
  .map(
    ([id, more]): Pick<MessageFragment, "metadata"> =>
      id === undefined ? {} : { metadata: more ? { callId: id, other: [1] } : { callId: id } },
  );

const fragment: fc.Arbitrary<MessageFragment> = fc.oneof(
  fc
    .tuple(text, fc.constantFrom("done", "in-progress"))
    .map(([content, state]): MessageFragment => ({ kind: "text", content, state })),
  fc
    .tuple(name, args, metadata)
    .map(([called, given, rest]): MessageFragment => ({ kind: "functionCall", name: called, args: given, ...rest })),
  fc.tuple(name, text, fc.boolean(), metadata).map(
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
    messages: fc.array(fragment, { maxLength: 6 }),
    errorDetail: fc.option(storable()),
  })
  .map(({ role, state, messages, errorDetail }) =>
    turn("", {
      role,
      state: role === "user" ? "done" : state,
      messages,
      errorDetail: role === "assistant" && state === "error" ? errorDetail : null,
    }),
  );

/** Conversations in which turns say, call and get back anything, in any order and state. */
export const randomConversation: fc.Arbitrary<ConversationRecord> = fc
  .tuple(
    fc.array(turnRecord, { minLength: 1, maxLength: 6 }),
    fc.dictionary(storable({ minLength: 1, maxLength: 20 }), storable({ maxLength: 20 }), { maxKeys: 3 }),
    fc.option(storable({ maxLength: 20 }), { nil: undefined }),
  )
  .map(([turns, pairs, system]) =>
    conversation("c1", {
      createdAt: new Date("2024-05-20T10:00:00.000Z"),
      metadata: system === undefined ? pairs : { ...pairs, system },
      turns: turns.map((given, index) => ({
        ...given,
        id: `t${index}`,
        timestamp: new Date(Date.UTC(2024, 4, 20, 10, index, 0, index)),
      })),
    }),
  );
