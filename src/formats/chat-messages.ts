import { isJsonObject, type JsonObject, parseJson } from "../model/json.ts";
import type { MessageFragment, TurnRole } from "../model/message-fragment.ts";
import type { Fields } from "./fields.ts";

const ROLES = ["system", "developer", "user", "assistant", "tool"] as const;

export interface Trajectory {
  /** What system and developer messages say, in their order. */
  instructions: string[];
  /** What users and assistants say: an assistant's and its tools' messages up to the next user message are one turn. */
  turns: { role: TurnRole; messages: MessageFragment[] }[];
}

/** The names of the functions called so far, by the id of the call. */
type CallNames = Map<string, string>;

/** Reads the messages of a chat-format trajectory. Throws RecordError for a message that cannot be kept whole. */
export function readTrajectory(messages: readonly Fields[]): Trajectory {
  const trajectory: Trajectory = { instructions: [], turns: [] };
  const calls: CallNames = new Map();
  for (const message of messages) {
    const role = message.word("role", ROLES);
    if (role === "system" || role === "developer") trajectory.instructions.push(readContent(message) ?? "");
    else if (role === "user") trajectory.turns.push({ role, messages: [text(readContent(message) ?? "")] });
    else if (role === "assistant") continueAssistant(trajectory, readAssistant(message, calls));
    else continueAssistant(trajectory, [readTool(message, calls)]);
    message.countUnknown();
  }
  return trajectory;
}

function continueAssistant({ turns }: Trajectory, fragments: readonly MessageFragment[]): void {
  const last = turns.at(-1);
  if (last?.role === "assistant") last.messages.push(...fragments);
  else turns.push({ role: "assistant", messages: [...fragments] });
}

function readAssistant(message: Fields, calls: CallNames): MessageFragment[] {
  const content = readContent(message);
  const fragments = (message.optionalList("tool_calls") ?? []).map((call) => readCall(call, calls));
  // Beside calls, writers spell "nothing said" as null or as an empty string.
  const said = content !== null && (content !== "" || fragments.length === 0);
  return said ? [text(content), ...fragments] : fragments;
}

function readCall(call: Fields, calls: CallNames): MessageFragment {
  const type = call.optionalText("type") ?? "function";
  if (type !== "function") throw call.error("type", `a ${JSON.stringify(type)} call cannot be kept, only a function's`);
  const id = call.optionalText("id");
  const called = call.optionalFields("function");
  if (called === null) throw call.error("function", "is missing");
  const name = called.text("name");
  const args = readArguments(called);
  called.countUnknown();
  call.countUnknown();
  if (id !== null) calls.set(id, name);
  return { kind: "functionCall", name, args, ...callMetadata(id) };
}

function readArguments(called: Fields): JsonObject {
  const value = called.value("arguments");
  // How some writers spell a call without arguments.
  if (value === "") return {};
  if (typeof value !== "string") return called.object("arguments");
  const args = parseArguments(value);
  if (args === null) throw called.error("arguments", "must be the text of a JSON object");
  called.checkStorable("arguments", args);
  return args;
}

/** The object in a call's `arguments`, its numbers digit for digit; null when the text is no JSON object. */
export function parseArguments(json: string): JsonObject | null {
  try {
    const value = parseJson(json);
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function readTool(message: Fields, calls: CallNames): MessageFragment {
  const response = readContent(message) ?? "";
  const callId = message.optionalText("tool_call_id");
  const name = message.optionalText("name") ?? calls.get(callId ?? "");
  if (name === undefined) throw message.error("name", "is missing, and tool_call_id names no earlier call");
  return { kind: "functionResponse", name, response, failed: response.startsWith("Error"), ...callMetadata(callId) };
}

/** How a fragment says which call it belongs to. */
export function callMetadata(callId: string | null): { metadata?: JsonObject } {
  return callId === null ? {} : { metadata: { callId } };
}

/** The text of a message; of several text parts one under the other; null when it says nothing. */
function readContent(message: Fields): string | null {
  if (!Array.isArray(message.value("content"))) return message.optionalText("content");
  const parts = message.list("content").map((part) => {
    const type = part.text("type");
    if (type !== "text") throw part.error("type", `a ${JSON.stringify(type)} part cannot be kept, only text`);
    const partText = part.text("text");
    part.countUnknown();
    return partText;
  });
  return parts.join("\n");
}

function text(content: string): MessageFragment {
  return { kind: "text", content, state: "done" };
}
