import { isJsonObject, parseJson } from "../model/json.ts";
import type { Fields } from "./fields.ts";
import { messageFormat, type WrapperContent } from "./message-format.ts";
import type { TrajectoryBuilder } from "./trajectory-builder.ts";

type Speaker = "user" | "assistant" | "instruction" | "call" | "response";

/** The names of the speakers in data sets. */
const SPEAKERS = {
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  chatgpt: "assistant",
  model: "assistant",
  bot: "assistant",
  system: "instruction",
  function_call: "call",
  tool_call: "call",
  observation: "response",
  tool: "response",
  tool_response: "response",
  function_response: "response",
} as const satisfies Record<string, Speaker>;

/** Conversations in the form of ShareGPT, common in data sets for training. */
export const sharegptFormat = messageFormat({
  name: "sharegpt",
  description: "ShareGPT conversations {conversations: [{from: human, gpt, function_call, observation, value}, …]}",
  isMessage: isOwnMessage,
  isOwnMessage,
  findMessages: ({ conversations }) => conversations,
  readWrapper,
  addMessage,
});

function isOwnMessage(value: unknown): boolean {
  return isJsonObject(value) && typeof value.from === "string" && "value" in value;
}

function readWrapper(wrapper: Fields): WrapperContent {
  const system = wrapper.optionalText("system");
  return { messages: wrapper.list("conversations"), instructions: system === null || system === "" ? [] : [system] };
}

function addMessage(message: Fields, trajectory: TrajectoryBuilder): void {
  const from = message.keyOf("from", SPEAKERS);
  const speaker: Speaker = SPEAKERS[from];
  const info = { speaker: speaker === "call" || speaker === "response" ? "assistant" : speaker } as const;
  trajectory.addMessage(message, info, () => {
    const value = message.text("value");
    if (speaker === "call") addCalls(value, from, message.pathOf("value"), trajectory);
    else if (speaker === "response") {
      trajectory.addResponse({ callId: null, name: null, content: value, failed: null, unnamed: from });
    } else trajectory.addText(value);
  });
}

interface Call {
  id: string | null;
  name: string;
  args: unknown;
}

/**
 * Adds a call `{"name", "arguments"}`, or several; any other text is the arguments of a call named after its speaker.
 */
function addCalls(text: string, from: string, path: string, trajectory: TrajectoryBuilder): void {
  const calls = parseCalls(text) ?? [{ id: null, name: from, args: { arguments: text } }];
  for (const call of calls) trajectory.addCall({ ...call, path });
}

function parseCalls(text: string): Call[] | null {
  try {
    const value = parseJson(text);
    const calls = (Array.isArray(value) ? value : [value]).map(toCall);
    const known = calls.filter((call) => call !== null);
    return known.length === 0 || known.length < calls.length ? null : known;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The call in the value; null when the value has anything that a call has no place for. */
function toCall(value: unknown): Call | null {
  if (!isJsonObject(value)) return null;
  const { id = null, name, ...others } = value;
  const [[key, args] = ["arguments", {}], ...more] = Object.entries(others);
  const isCall = typeof name === "string" && (id === null || typeof id === "string") && more.length === 0;
  return isCall && (key === "arguments" || key === "parameters") ? { id, name, args } : null;
}
