import type { JsonObject } from "../model/json.ts";
import type { FragmentState, MessageFragment, TurnRole, TurnState } from "../model/message-fragment.ts";
import { readArguments } from "./call-arguments.ts";
import type { Fields } from "./fields.ts";
import { RecordError } from "./format-errors.ts";
import { OpenCalls } from "./open-calls.ts";
import type { ReadingNotes } from "./reading-notes.ts";

export interface Trajectory {
  /** What system and developer messages say, in their order. */
  instructions: string[];
  turns: TrajectoryTurn[];
}

export interface TrajectoryTurn {
  /** The id of the turn's first message; null when that has none. */
  id: string | null;
  role: TurnRole;
  state: TurnState;
  /** The first time that a message of the turn has; null when none has one. */
  timestamp: Date | null;
  messages: MessageFragment[];
}

/** What a message is beside what it says. */
export interface MessageInfo {
  /** Whose words its texts are; `instruction` for system and developer messages. */
  speaker: TurnRole | "instruction";
  id?: string | null;
  timestamp?: Date | null;
  /** The state that the message leaves an assistant's turn in; `done` when absent. */
  state?: TurnState;
  /** Kept with each fragment of the message. */
  metadata?: JsonObject;
}

export interface CallEvent {
  id: string | null;
  name: string;
  /** As found: an object, its JSON text, or whatever stands there. */
  args: unknown;
  /** Where the arguments stand, for messages. */
  path: string;
}

export interface ResponseEvent {
  callId: string | null;
  /** The function's name where the response has one; else it is the name of the call that it answers. */
  name: string | null;
  content: string;
  /** Null where the format does not say: a response that begins with `Error` failed then. */
  failed: boolean | null;
  /** The response's name where neither it nor its call has one. */
  unnamed?: string;
}

/** The type of a response to a function among items. */
const UNNAMED_RESPONSE = "function_call_output";

/** The message that is being read. */
interface OpenMessage {
  info: MessageInfo;
  leftOut: Set<string>;
  isRead: boolean;
  saysNothing: boolean;
  /** The text that was the last piece: text that follows directly goes below it. */
  text: Extract<MessageFragment, { kind: "text" }> | null;
  /** The user's turn that the message is. */
  userTurn: TrajectoryTurn | null;
}

/**
 * Makes turns of a conversation's messages, by one rule for every format: each user message is a turn, and what assistants
 * say, call and get back up to the next user message is one turn.
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
   * Takes the next message: `read` adds its content, in its order. Then counts the fields that were not asked for. Throws
   * RecordError when nothing of the message was read: what is left out stands beside content, or it would be lost unseen.
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

  /** What the message's speaker says. Beside calls, writers spell "nothing said" as an empty text, which is no fragment. */
  addText(content: string, state?: FragmentState): void {
    const { info } = this.#message;
    if (content === "" && info.speaker === "assistant") this.#message.saysNothing = true;
    else this.#pushText(content, state ?? stateOfText(info));
  }

  /** Ends the text that was added last: text that follows is a fragment of its own. */
  endText(): void {
    this.#message.text = null;
  }

  /** A call of a function, by the assistant whoever the message's speaker is. Throws RecordError for what cannot be stored. */
  addCall({ id, name, args, path }: CallEvent): void {
    this.#calls.add(id, name);
    const call = { kind: "functionCall", name, args: readArguments(args, path, this.#notes) } as const;
    this.#push(withCallId(call, id), "assistant");
  }

  /** What a function gave back, in the assistant's turn whoever the message's speaker is. */
  addResponse({ callId, name, content, failed, unnamed = UNNAMED_RESPONSE }: ResponseEvent): void {
    const ownName = name === "" ? null : name;
    const calledName = this.#calls.answer(callId, ownName);
    const response = {
      kind: "functionResponse",
      name: ownName ?? calledName ?? unnamed,
      response: content,
      failed: failed ?? content.startsWith("Error"),
    } as const;
    this.#push(withCallId(response, callId), "assistant");
  }

  /** Counts a part of the message that has no place here (an image, a file, reasoning), by what it is. */
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

/** The fragment with the id of its call, where that has one. */
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
