import { mayHoldWords, readContent, readResponse, saysNothing } from "./content-parts.ts";
import type { Fields } from "./fields.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { CREATED_NAMES, readTime } from "./times.ts";
import type { MessageInfo, Trajectory } from "./trajectory.ts";
import { TrajectoryBuilder } from "./trajectory-builder.ts";

const SPEAKERS = {
  system: "instruction",
  developer: "instruction",
  user: "user",
  assistant: "assistant",
  tool: "assistant",
  function: "assistant",
} as const satisfies Record<string, MessageInfo["speaker"]>;

/** Fields in which services put a model's reasoning. */
const REASONING_FIELDS = ["reasoning_content", "reasoning", "reasoning_details"] as const;

/** The turns of OpenAI chat messages. Throws RecordError for a message that cannot be kept. */
export function readChatMessages(messages: readonly Fields[], notes: ReadingNotes): Trajectory {
  const trajectory = new TrajectoryBuilder(notes);
  for (const message of messages) {
    const role = message.keyOf("role", SPEAKERS);
    const info = { speaker: SPEAKERS[role], id: readMessageId(message), timestamp: readTime(message, CREATED_NAMES) };
    trajectory.addMessage(message, info, () => {
      if (role === "tool" || role === "function") readToolMessage(message, trajectory);
      else readSaid(message, trajectory);
    });
  }
  return trajectory.build();
}

/** A message's id when it is text; a number is only a place in some list. */
function readMessageId(message: Fields): string | null {
  return typeof message.peek("id") === "string" ? message.optionalExactText("id") : null;
}

function readSaid(message: Fields, trajectory: TrajectoryBuilder): void {
  const content = readContent(message, trajectory);
  if (content !== null) trajectory.addText(content);
  const refusal = message.optionalText("refusal");
  if (refusal !== null) trajectory.addText(refusal);
  readAudio(message, trajectory);
  for (const name of REASONING_FIELDS) if (mayHoldWords(message.value(name))) trajectory.leaveOut("reasoning");
  for (const call of message.optionalList("tool_calls") ?? []) readToolCall(call, trajectory);
  const called = message.optionalFields("function_call");
  if (called !== null) readFunction(called, null, trajectory);
  if (content === null && saysNothing(message)) trajectory.addText("");
}

/** A spoken answer: its text is the transcript. */
function readAudio(message: Fields, trajectory: TrajectoryBuilder): void {
  const audio = message.optionalFields("audio");
  if (audio === null) return;
  const transcript = audio.optionalText("transcript");
  if (transcript !== null) trajectory.addText(transcript);
  trajectory.leaveOut("audio");
}

function readToolCall(call: Fields, trajectory: TrajectoryBuilder): void {
  const type = call.optionalText("type") ?? "function";
  const id = call.optionalKey("id");
  if (type === "function") {
    const called = call.optionalFields("function");
    if (called === null) throw call.error("function", "is missing");
    readFunction(called, id, trajectory);
  } else if (type === "custom") {
    const custom = call.optionalFields("custom");
    if (custom === null) throw call.error("custom", "is missing");
    const args = { input: custom.value("input") ?? "" };
    trajectory.addCall({ id, name: custom.text("name"), args, path: custom.path });
    custom.countUnknown();
  } else {
    throw call.error("type", `a ${JSON.stringify(type)} call cannot be kept, only a function's or a custom tool's`);
  }
  call.countUnknown();
}

function readFunction(called: Fields, id: string | null, trajectory: TrajectoryBuilder): void {
  const name = called.text("name");
  trajectory.addCall({ id, name, args: called.value("arguments"), path: called.pathOf("arguments") });
  called.countUnknown();
}

function readToolMessage(message: Fields, trajectory: TrajectoryBuilder): void {
  const callId = message.optionalKey("tool_call_id");
  const name = message.optionalText("name");
  const content = readResponse(message, "content", trajectory);
  // Another field may hold the words instead.
  if (message.peek("content") === undefined && message.unread().some(([, value]) => mayHoldWords(value))) return;
  trajectory.addResponse({ callId, name, content, failed: null });
}
