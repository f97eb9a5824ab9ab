import { badInput } from "../../model/errors.ts";
import { endHalf, joinHalves } from "../../model/half-characters.ts";
import type { MessageFragment, TurnState } from "../../model/message-fragment.ts";

/** A change of a turn in progress. Effects come in the order of the properties. */
export interface TurnChange {
  /** Replaces all fragments. */
  messages: MessageFragment[] | null;
  /** Fragments to add at the end. */
  appendMessages: MessageFragment[] | null;
  /**
   * Text to add to the last fragment if that is text in progress, else to start one with. Half of a surrogate pair at its
   * end waits for the next one; at its start it completes the pair.
   */
  appendText: string | null;
  state: TurnState | null;
  errorDetail: string | null;
  /** The revision that the turn must be at. */
  expectedRevision: number | null;
}

/** What a turn has said so far. */
export interface Said {
  messages: readonly MessageFragment[];
  highSurrogate: number | null;
}

/**
 * What the turn has said after the change. A turn that becomes done has no text in progress; one that ends otherwise may.
 * Half a character that nothing completes becomes U+FFFD. BAD_USER_INPUT for text that does not complete it.
 */
export function changeMessages(
  before: Said,
  change: Pick<TurnChange, "messages" | "appendMessages" | "appendText">,
  state: TurnState,
): Said {
  let said: Said = change.messages === null ? before : { messages: change.messages, highSurrogate: null };
  if (change.appendMessages !== null && change.appendMessages.length > 0) {
    said = { messages: [...endText(said), ...change.appendMessages], highSurrogate: null };
  }
  if (change.appendText !== null) said = appendText(said, change.appendText);
  if (state === "in-progress") return said;
  const messages = endText(said);
  return { messages: state === "done" ? messages.map(close) : messages, highSurrogate: null };
}

function appendText({ messages, highSurrogate }: Said, piece: string): Said {
  const joined = joinHalves(highSurrogate, piece);
  if (joined === null) {
    const message =
      highSurrogate === null
        ? "Text must not begin with the second half of a surrogate pair where the last append did not end with the first."
        : "Text must begin with the second half of the surrogate pair that the last append ended with.";
    throw badInput("input.appendText", message);
  }
  return { messages: addText(messages, joined.text), highSurrogate: joined.held };
}

function endText({ messages, highSurrogate }: Said): readonly MessageFragment[] {
  return highSurrogate === null ? messages : addText(messages, endHalf(highSurrogate));
}

function addText(messages: readonly MessageFragment[], text: string): MessageFragment[] {
  const last = messages.at(-1);
  if (last?.kind === "text" && last.state === "in-progress") {
    return [...messages.slice(0, -1), { ...last, content: last.content + text }];
  }
  return [...messages, { kind: "text", content: text, state: "in-progress" }];
}

function close(fragment: MessageFragment): MessageFragment {
  return fragment.kind === "text" ? { ...fragment, state: "done" } : fragment;
}
