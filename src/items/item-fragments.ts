import type { JsonObject } from "../model/json.ts";
import type { FragmentState, MessageFragment, TurnState } from "../model/message-fragment.ts";
import { orderedObject } from "../model/ordered-object.ts";
import { readArguments } from "./call-arguments.ts";
import { callIdOfItem } from "./item.ts";
import type { OpenCalls } from "./open-calls.ts";
import { contentText, responseText } from "./part-text.ts";

/** Whose turn an item belongs to; `instruction`: none, as it is a system's or developer's message. */
export type Speaker = "user" | "assistant" | "instruction";

export function speakerOf({ type, role }: JsonObject): Speaker {
  if (type !== "message" || role === "assistant") return "assistant";
  return role === "user" ? "user" : "instruction";
}

/** Whether an item of the type calls a function or a tool of the service. */
export function isCallType(type: string): boolean {
  return type.endsWith("_call");
}

/** Whether an item of the type is the output of a call. */
export function isOutputType(type: string): boolean {
  return type.endsWith("_output");
}

/** The state that an item gives its assistant's turn; null for an item that says nothing of it. */
export function stateOfItem({ type, status }: JsonObject): TurnState | null {
  if (typeof type !== "string" || !(type === "message" || isCallType(type) || isOutputType(type))) return null;
  // What is in progress elsewhere does not wait here: the items that are sent are all there is.
  return status === "incomplete" ? "stopped" : "done";
}

/**
 * The fragments of a user's or an assistant's item; empty for an item that neither says nor calls anything. Notes calls
 * and takes those that are answered in `calls`.
 */
export function fragmentsOfItem(item: JsonObject, calls: OpenCalls): MessageFragment[] {
  const type = String(item.type);
  if (type === "message") {
    const content = contentText(item.content);
    return content === null ? [] : [{ kind: "text", content, state: stateOfText(item) }];
  }
  if (isCallType(type)) return fragmentsOfCall(item, type, calls);
  return isOutputType(type) ? [fragmentOfOutput(item, type, calls)] : [];
}

function stateOfText({ role, status }: JsonObject): FragmentState {
  return role === "assistant" && status === "incomplete" ? "in-progress" : "done";
}

/** A function with its arguments, or a tool of the service with all that the item says as arguments; and its result. */
function fragmentsOfCall(item: JsonObject, type: string, calls: OpenCalls): MessageFragment[] {
  const callId = callIdOfItem(item);
  const name = textOf(item.name) ?? type;
  calls.add(callId, name);
  const args = item.arguments ?? null;
  if (args === null) {
    return [withCallId({ kind: "functionCall", name, args: type === "function_call" ? {} : restOf(item) }, callId)];
  }
  const call = { kind: "functionCall", name, args: readArguments(args) } as const;
  const failed = hasError(item);
  const result = failed ? item.error : (item.output ?? null);
  if (result === null) return [withCallId(call, callId)];
  calls.answerById(callId, name);
  const response = { kind: "functionResponse", name, response: responseText(result), failed } as const;
  return [withCallId(call, callId), withCallId(response, callId)];
}

function fragmentOfOutput(item: JsonObject, type: string, calls: OpenCalls): MessageFragment {
  const callId = callIdOfItem(item);
  const ownName = textOf(item.name);
  const name = calls.answerById(callId, ownName);
  const response = responseText(item.output ?? "");
  return withCallId(
    {
      kind: "functionResponse",
      name: ownName ?? name ?? type,
      response,
      failed: hasError(item) || item.status === "failed" || response.startsWith("Error"),
    },
    callId,
  );
}

function hasError({ error = null }: JsonObject): boolean {
  return error !== null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function withCallId<Fragment extends MessageFragment>(fragment: Fragment, callId: string | null): Fragment {
  return callId === null ? fragment : { ...fragment, metadata: { callId } };
}

/** Members of a call of a service's tool that are no arguments of it. */
const ABOUT_CALL = new Set(["type", "id", "call_id", "name", "arguments", "status", "created_at", "created_by"]);

function restOf(item: JsonObject): JsonObject {
  const isArgument = ([name, value]: [string, unknown]) =>
    value !== null && !ABOUT_CALL.has(name) && !isImage(item, name);
  return orderedObject(Object.entries(item).filter(isArgument));
}

/** Whether the member is an image: megabytes, which belong to no turn. */
function isImage({ type }: JsonObject, name: string): boolean {
  return type === "image_generation_call" && name === "result";
}
