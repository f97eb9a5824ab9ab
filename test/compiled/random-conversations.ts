import fc from "fast-check";
import type { ConversationRecord, TurnRecord } from "../../src/model/conversation-record.ts";
import { type JsonObject, parseJson } from "../../src/model/json.ts";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { type Draw, drawing } from "./draw.ts";

/** Any text that PostgreSQL can hold: quotes, backslashes, control characters, what is beyond the first plane. */
const TEXT = fc
  .string({
    unit: fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      fc.constantFrom('"', "\\", "\x1d", "\x1e", "\x1f", "\n", "</", "}", "]", ","),
    ),
    maxLength: 30,
  })
  .map((text) => text.replaceAll("\0", "").toWellFormed());
const KEY = fc.oneof(fc.constantFrom("__proto__", "kind", "constructor", "1", "content", "title"), TEXT);
/** Numbers, with some that JavaScript would write with other digits. */
const NUMBER = fc.constantFrom("0", "-0", "1.0", "12345678901234567890", "1e400", "0.1", "-7", "1E2").map(parseJson);
const OBJECT = fc
  .letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", maxDepth: 3 },
      TEXT,
      NUMBER,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      tie("object"),
    ),
    object: fc.dictionary(KEY, tie("value"), { maxKeys: 3 }),
  }))
  .object.map((object): JsonObject => object);
const INSTANT = fc.oneof(
  fc
    .constantFrom(
      "2024-05-20T10:00:00.000Z",
      "2024-05-20T10:00:00.100Z",
      "0001-01-01T00:00:00.000Z",
      "9999-12-31T23:59:59.999Z",
    )
    .map((text) => new Date(text)),
  fc.date({ min: new Date("1970-01-01T00:00:00Z"), max: new Date("2030-01-01T00:00:00Z"), noInvalidDate: true }),
);
export const AGENTS = ["shop", "desk", 'a "quoted"\tname'];

/** So many conversations of every kind, with ids that start with the prefix, of the user. */
export function randomConversations(prefix: string, count: number, isolationKey: string | null) {
  return drawing((draw) =>
    Array.from({ length: count }, (_, index) => drawConversation(draw, `${prefix}${index}`, isolationKey)),
  );
}

function drawConversation(draw: Draw, id: string, isolationKey: string | null): ConversationRecord {
  const turns: TurnRecord[] = [];
  const count = draw.from(fc.integer({ min: 0, max: 12 }));
  for (let index = 0; index < count; index += 1) turns.push(drawTurn(draw, `t "${id}" ${index}`, turns));
  const version = draw.of(null, "1", "2");
  return conversation(`${draw.of("", "conv_")}${id}`, {
    isolationKey,
    createdAt: draw.from(INSTANT),
    metadata: Object.fromEntries(draw.times(0, 3, () => [draw.from(KEY), draw.from(TEXT)])),
    agent: draw.chance(0.3) ? null : { name: draw.of(...AGENTS), version },
    turns,
  });
}

function drawTurn(draw: Draw, id: string, before: readonly TurnRecord[]): TurnRecord {
  const role = draw.of("user", "assistant");
  const state = role === "user" ? "done" : draw.of("in-progress", "done", "stopped", "error");
  const questions = before.filter((one) => one.role === "user");
  return turn(id, {
    role,
    state,
    timestamp: draw.from(INSTANT),
    messages: draw.times(0, 4, () => drawFragment(draw)),
    errorDetail: state === "error" && draw.chance(0.7) ? draw.from(TEXT) : null,
    metadata: draw.chance(0.7) ? {} : { [draw.from(KEY)]: draw.from(TEXT) },
    inReplyToId: role === "assistant" && questions.length > 0 && draw.chance(0.7) ? draw.of(...questions).id : null,
  });
}

/** Ids of calls, and what is none. */
function drawCallId(draw: Draw): JsonObject {
  return draw.chance(0.3) ? {} : { callId: draw.of<unknown>("", null, 7, ["c"], "call_1", draw.from(TEXT)) };
}

function drawFragment(draw: Draw): MessageFragment {
  const metadata = draw.chance(0.3) ? { metadata: { ...draw.from(OBJECT), ...drawCallId(draw) } } : {};
  switch (draw.of("text", "functionCall", "functionResponse")) {
    case "text":
      return { kind: "text", content: draw.from(TEXT), state: draw.of("in-progress", "done"), ...metadata };
    case "functionCall":
      return { kind: "functionCall", name: draw.from(TEXT), args: draw.from(OBJECT), ...metadata };
    default:
      return {
        kind: "functionResponse",
        name: draw.from(TEXT),
        response: draw.of(draw.from(TEXT), JSON.stringify(draw.from(OBJECT))),
        failed: draw.chance(0.5),
        ...metadata,
      };
  }
}
