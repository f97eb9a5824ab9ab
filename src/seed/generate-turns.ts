import { derivedTurnId } from "../formats/synthetic.ts";
import type { TurnRecord } from "../model/conversation-record.ts";
import type { MessageFragment, TurnState } from "../model/message-fragment.ts";
import { drawFunctionCall } from "./function-calls.ts";
import type { Phrases } from "./phrases.ts";
import type { Random } from "./random.ts";
import { drawAgentText, drawUserText } from "./sentences.ts";

const CALL_COUNTS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3] as const;
const ERROR_DETAILS = ["The model took too long to answer.", "Content filter: the answer was withheld.", null] as const;

/**
 * The given number of turns, user and assistant alternating, from the instant on at intervals of seconds to two
 * minutes. In most conversations the assistant's turns name the turn that they reply to. Only the last can be in
 * progress.
 */
export function generateTurns(
  random: Random,
  conversationId: string,
  start: Date,
  length: number,
  phrases: Phrases,
): TurnRecord[] {
  const namesReplies = random.chance(0.6);
  const turns: TurnRecord[] = [];
  let time = start.getTime();
  for (let position = 1; position <= length; position += 1) {
    const previousId = turns.at(-1)?.id ?? null;
    const said =
      position % 2 === 1
        ? userTurn(random, phrases, position === 1)
        : assistantTurn(random, phrases, position === length);
    turns.push({
      ...said,
      id: derivedTurnId(conversationId, position),
      timestamp: new Date(time),
      inReplyToId: said.role === "assistant" && namesReplies ? previousId : null,
      metadata: {},
      revision: null,
    });
    time += random.integer(2_000, 120_000);
  }
  return turns;
}

type Said = Pick<TurnRecord, "role" | "state" | "messages" | "errorDetail">;

function userTurn(random: Random, phrases: Phrases, isFirst: boolean): Said {
  const content = drawUserText(random, phrases, isFirst);
  const metadata = random.chance(0.05) ? { metadata: { language: phrases.language, typed: true } } : {};
  return {
    role: "user",
    state: "done",
    messages: [{ kind: "text", content, state: "done", ...metadata }],
    errorDetail: null,
  };
}

function assistantTurn(random: Random, phrases: Phrases, isLast: boolean): Said {
  const state = drawState(random, isLast);
  const calls = Array.from({ length: random.pick(CALL_COUNTS) }, () => drawFunctionCall(random)).flat();
  const introduction = calls.length > 0 && random.chance(0.3) ? [text(drawAgentText(random, phrases))] : [];
  return {
    role: "assistant",
    state,
    messages: [...introduction, ...calls, ...drawEnding(random, phrases, state)],
    errorDetail: state === "error" ? random.pick(ERROR_DETAILS) : null,
  };
}

function drawState(random: Random, isLast: boolean): TurnState {
  if (isLast && random.chance(0.06)) return "in-progress";
  if (random.chance(0.01)) return "stopped";
  return random.chance(0.01) ? "error" : "done";
}

/** The last text of a turn: whole when the turn is done, else cut off. */
function drawEnding(random: Random, phrases: Phrases, state: TurnState): MessageFragment[] {
  const content = drawAgentText(random, phrases);
  if (state === "done") return [text(content)];
  if (state === "error" && random.chance(0.5)) return [];
  // By characters rather than code units: half an emoji is no text.
  const characters = [...content];
  return [{ ...text(characters.slice(0, random.integer(1, characters.length)).join("")), state: "in-progress" }];
}

function text(content: string): { kind: "text"; content: string; state: "done" } {
  return { kind: "text", content, state: "done" };
}
