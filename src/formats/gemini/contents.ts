import { isJsonObject } from "../../model/json.ts";
import type { Fields } from "../fields.ts";
import { messageFormat, type WrapperContent } from "../message-format.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { CREATED_NAMES, readTime } from "../times.ts";
import type { MessageInfo } from "../trajectory.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";
import { addParts, isPart, readTexts } from "./parts.ts";

const SPEAKERS = {
  user: "user",
  model: "assistant",
  // The role of functions' responses in early versions of the API.
  function: "user",
  system: "instruction",
} as const satisfies Record<string, MessageInfo["speaker"]>;

/** The contents of Gemini's API: bare, or in the body of a request. */
export const geminiFormat = messageFormat({
  name: "gemini",
  description:
    "Gemini contents [{role: user | model, parts: [{text}, {functionCall}, …]}, …], bare or as {contents: […]}",
  isMessage: (value) => isJsonObject(value) && Array.isArray(value.parts),
  isOwnMessage: (value) => isJsonObject(value) && Array.isArray(value.parts) && value.parts.some(isPart),
  findMessages: ({ contents }) => contents,
  readWrapper,
  addMessage,
});

function readWrapper(request: Fields): WrapperContent {
  const messages = request.list("contents");
  const name = ["systemInstruction", "system_instruction"].find((key) => request.peek(key) !== undefined);
  if (name === undefined) return { messages };
  if (typeof request.peek(name) === "string") return { messages, instructions: [request.text(name)] };
  const instruction = request.optionalFields(name);
  return { messages, instructions: instruction === null ? [] : [readTexts(instruction).join("\n")] };
}

function addMessage(content: Fields, trajectory: TrajectoryBuilder, notes: ReadingNotes): void {
  const parts = content.list("parts");
  if (parts.length > 0 && parts.every((part) => part.peek("thought") === true)) {
    notes.countLeftOut("reasoning");
    return;
  }
  // A content without a role is the user's.
  const role = content.optionalKeyOf("role", SPEAKERS) ?? "user";
  const info = {
    speaker: SPEAKERS[role],
    id: content.optionalExactText("id"),
    timestamp: readTime(content, CREATED_NAMES),
  };
  trajectory.addMessage(content, info, () => {
    // The texts of a model's content are pieces of one text, as they were streamed.
    addParts(parts, role === "model" ? "" : "\n", trajectory);
    if (parts.length === 0) trajectory.addText("");
  });
}
