import { OpenCalls } from "../items/open-calls.ts";
import type { FragmentState, MessageFragment, TurnRole } from "../model/message-fragment.ts";
import { readArguments } from "./call-arguments.ts";
import type { Fields } from "./fields.ts";
import { RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import type { CallEvent, MessageInfo, ResponseEvent, Trajectory, TrajectoryTurn } from "./trajectory.ts";

/** The type of a function's response among items. */
const UNNAMED_RESPONSE = "function_call_output";

/** The message that is being read. */
interface OpenMessage {
  info: MessageInfo;
  leftOut: Set<string>;
  isRead: boolean;
  saysNothing: boolean;
  /** The text that was the last piece: text that follows directly joins it. */
  text: Extract<MessageFragment, { kind: "text" }> | null;
  /** The user's turn that the message is. */
  userTurn: TrajectoryTurn | null;
}

/**
 * Makes turns of a conversation's messages, by one rule for every format: each user message is a turn, and everything
 * that assistants say, call and get back up to the next user message is one turn.
 */
export class TrajectoryBuilder {
  readonly #notes: ReadingNotes;
  readonly #calls = new OpenCalls();
  readonly #instructions: string[] = [];
  readonly #turns: TrajectoryTurn[] = [];
  #message: OpenMessage = openMessage({ speaker: "instruction" });

  constructor(notes: ReadingNotes) {
    this.#notes = notes;
  }

  /**
   * Adds the next message: `read` adds its content in order. Then counts the unread fields. Throws RecordError when
   * nothing of the message was read: only what stands beside content may be left out, or words would be lost unseen.
   */
  addMessage(fields: Fields, info: MessageInfo, read: () => void): void {
    this.#message = openMessage(info);
    read();
    const { isRead, saysNothing, leftOut } = this.#message;
    if (!isRead) {
      if (!saysNothing && !(leftOut.size > 0 && this.#notes.repair)) throw nothingRead(fields, leftOut);
      this.#pushText("", stateOfText(info));
    }
    fields.countUnknown();
  }

  /**
   * Adds a text of the message's speaker. Beside calls, writers mark "nothing said" with an empty text, which is no
   * fragment.
   */
  addText(content: string, state?: FragmentState): void {
    const { info } = this.#message;
    if (content === "" && info.speaker === "assistant") this.#message.saysNothing = true;
    else this.#pushText(content, state ?? stateOfText(info));
  }

  /** Ends the last text: text that follows is a fragment of its own. */
  endText(): void {
    this.#message.text = null;
  }

  /**
   * Adds a call of a function to the assistant's turn, whatever the message's speaker. Throws RecordError for a value
   * that cannot be stored.
   */
  addCall({ id, name, args, path }: CallEvent): void {
    this.#calls.add(id, name);
    const call = { kind: "functionCall", name, args: readArguments(args, path, this.#notes) } as const;
    this.#push(withCallId(call, id), "assistant");
  }

  /** Adds the result of a function to the assistant's turn, whatever the message's speaker. */
  addResponse({ callId, name, content, failed, unnamed = UNNAMED_RESPONSE, isNamedById = false }: ResponseEvent): void {
    const ownName = name === "" ? null : name;
    const calledName = isNamedById ? this.#calls.answerById(callId, ownName) : this.#calls.answer(callId, ownName);
    const response = {
      kind: "functionResponse",
      name: ownName ?? calledName ?? unnamed,
      response: content,
      failed: failed ?? content.startsWith("Error"),
    } as const;
    this.#push(withCallId(response, callId), "assistant");
  }

  /** Counts a part of the message that has no place here (an image, a file, reasoning), by its kind. */
  leaveOut(what: string): void {
    this.#message.leftOut.add(what);
    this.#notes.countLeftOut(what);
  }

  /** The trajectory of the messages so far. */
  build(): Trajectory {
    return { instructions: this.#instructions, turns: this.#turns };
  }

  #pushText(content: string, state: FragmentState): void {
    const message = this.#message;
    message.isRead = true;
    if (message.info.speaker === "instruction") this.#instructions.push(content);
    else if (message.text !== null)
      Object.assign(message.text, { content: `${message.text.content}\n${content}`, state });
    else {
      const text = { kind: "text", content, state } as const;
      message.text = this.#push(text, message.info.speaker);
    }
  }

  #push<Fragment extends MessageFragment>(fragment: Fragment, role: TurnRole): Fragment {
    const { info } = this.#message;
    this.#message.isRead = true;
    this.#message.text = null;
    const { metadata } = info;
    const kept = metadata === undefined ? fragment : { ...fragment, metadata: { ...metadata, ...fragment.metadata } };
    const turn = this.#turnFor(role, info);
    turn.timestamp ??= info.timestamp ?? null;
    if (role === "assistant") turn.state = info.state ?? "done";
    turn.messages.push(kept);
    return kept;
  }

  #turnFor(role: TurnRole, { id = null }: MessageInfo): TrajectoryTurn {
    const last = this.#turns.at(-1);
    const goesOn = role === "assistant" ? last?.role === role : last === this.#message.userTurn;
    if (last !== undefined && goesOn) return last;
    if (role === "user") this.#calls.startTurn();
    const turn: TrajectoryTurn = { id, role, state: "done", timestamp: null, messages: [] };
    if (role === "user") this.#message.userTurn = turn;
    this.#turns.push(turn);
    return turn;
  }
}

function openMessage(info: MessageInfo): OpenMessage {
  return { info, leftOut: new Set(), isRead: false, saysNothing: false, text: null, userTurn: null };
}

/** A text in a turn that is not done is not done either. */
function stateOfText({ speaker, state = "done" }: MessageInfo): FragmentState {
  return speaker === "user" || state === "done" ? "done" : "in-progress";
}

/** The fragment with the id of its call when that has one. */
function withCallId<Fragment extends MessageFragment>(fragment: Fragment, callId: string | null): Fragment {
  return callId === null || callId === "" ? fragment : { ...fragment, metadata: { callId } };
}

function nothingRead(fields: Fields, leftOut: ReadonlySet<string>): RecordError {
  if (leftOut.size > 0) {
    return new RecordError(
      fields.path,
      `holds nothing but ${[...leftOut].join(", ")} (--repair keeps it without words)`,
    );
  }
  const unread = fields.unread().map(([name]) => name);
  return new RecordError(
    fields.path,
    unread.length === 0 ? "says nothing" : `says nothing that is understood, beside ${unread.join(", ")}`,
  );
}
