import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import { formatInstant } from "../../model/instant.ts";
import { parseJson } from "../../model/json.ts";
import type { FunctionCallFragment, FunctionResponseFragment, TextFragment } from "../../model/message-fragment.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { assignCallIds, type CallIds } from "./call-ids.ts";
import { countUnsayable, metadataBesideSystem, userTexts } from "./left-out.ts";

interface ToolPart {
  type: `tool-${string}`;
  toolCallId: string;
  state: "input-available" | "output-available" | "output-error";
  input: unknown;
  output?: unknown;
  errorText?: string;
}

/** A call without a response so far. */
interface OpenCall {
  part: ToolPart;
  name: string;
}

type UiPart = ToolPart | { type: "text"; text: string; state: "streaming" | "done" } | { type: "step-start" };

/**
 * The conversation as one line `{id, createdAt, metadata, messages}` of UI messages of the AI SDK, without the line
 * break: a message for each turn and a part for each fragment, except that a call and its response share one. Counts in
 * the notes what UI messages cannot express.
 */
export function writeUiMessages(record: ConversationRecord, notes: ReadingNotes): string {
  countUnsayable(record, notes);
  const ids = assignCallIds(record);
  const { system } = record.metadata;
  const instructions =
    system === undefined ? [] : [{ id: `${record.id}-system`, role: "system", parts: [text(system)] }];
  let open: OpenCall[] = [];
  const messages = record.turns.map((turn) => {
    if (turn.role === "user") open = [];
    const { id, role, timestamp } = turn;
    const parts =
      role === "user" ? userTexts(turn, notes).map((said) => text(said)) : writeAssistant(turn, open, ids, notes);
    return { id, role, metadata: { createdAt: formatInstant(timestamp) }, parts };
  });
  const { id, createdAt } = record;
  return JSON.stringify({
    id,
    createdAt: formatInstant(createdAt),
    metadata: metadataBesideSystem(record),
    messages: [...instructions, ...messages],
  });
}

/**
 * The parts of an assistant's turn. Adds its calls to the open ones, and puts its responses into the parts of their
 * calls.
 */
function writeAssistant(turn: TurnRecord, open: OpenCall[], ids: CallIds, notes: ReadingNotes): UiPart[] {
  const parts: UiPart[] = [];
  let beginsStep = true;
  for (const fragment of turn.messages) {
    if (fragment.kind === "functionResponse") {
      const toolCallId = ids.idOf(fragment);
      const at = open.findIndex(({ part, name }) => part.toolCallId === toolCallId && name === fragment.name);
      const [called] = at < 0 ? [] : open.splice(at, 1);
      const part = called?.part ?? { type: `tool-${fragment.name}`, toolCallId, state: "input-available", input: {} };
      Object.assign(part, writeResponse(fragment));
      if (called === undefined) {
        notes.countLeftOut("that a response has no call (written with one)");
        parts.push(part);
      }
      beginsStep = true;
      continue;
    }
    // What follows a response needs a step of its own: otherwise the SDK presents it to the model before the response.
    if (beginsStep) parts.push({ type: "step-start" });
    beginsStep = false;
    if (fragment.kind === "text")
      parts.push(text(fragment.content, isStreaming(turn, fragment) ? "streaming" : "done"));
    else {
      const part = writeCall(fragment, ids);
      open.push({ part, name: fragment.name });
      parts.push(part);
    }
  }
  countState(turn, parts.at(-1), notes);
  return parts;
}

function writeCall(call: FunctionCallFragment, ids: CallIds): ToolPart {
  return { type: `tool-${call.name}`, toolCallId: ids.idOf(call), state: "input-available", input: call.args };
}

function writeResponse({ response, failed }: FunctionResponseFragment): Partial<ToolPart> {
  if (failed) return { state: "output-error", errorText: response };
  return { state: "output-available", output: parseResponse(response) };
}

/** The object or array in the JSON text when it can be written back byte for byte; else the text itself. */
function parseResponse(response: string): unknown {
  if (!/^[[{]/.test(response)) return response;
  try {
    const value = parseJson(response);
    return JSON.stringify(value) === response ? value : response;
  } catch {
    return response;
  }
}

/** In a turn that is not in progress no part streams: a reader would take the turn for one in progress. */
function isStreaming(turn: TurnRecord, fragment: TextFragment): boolean {
  return turn.state === "in-progress" && fragment.state === "in-progress";
}

/** Counts the states that cannot be expressed: only the last part shows that a message is in progress. */
function countState(turn: TurnRecord, last: UiPart | undefined, notes: ReadingNotes): void {
  const isInProgress = last?.type === "text" && last.state === "streaming";
  if (turn.state !== (isInProgress ? "in-progress" : "done")) notes.countLeftOut(`turn state ${turn.state}`);
  const isLost = turn.messages.some(
    (fragment) => fragment.kind === "text" && fragment.state === "in-progress" && !isStreaming(turn, fragment),
  );
  if (isLost) notes.countLeftOut("text state in-progress");
}

function text(content: string, state: "streaming" | "done" = "done"): UiPart {
  return { type: "text", text: content, state };
}
