import { isJsonObject, type JsonObject } from "../model/json.ts";
import type { FunctionCallFragment, FunctionResponseFragment, MessageFragment } from "../model/message-fragment.ts";
import { orderedObject } from "../model/ordered-object.ts";
import { callMetadata, parseArguments } from "./chat-messages.ts";
import type { Fields } from "./fields.ts";

/** The names of the functions called so far, by the id of the call. */
export type CallNames = Map<string, string>;

/**
 * The call in an item of whatever tool: a function's with its arguments, a tool of the service (`web_search_call`) with
 * all that the item says as arguments. A call that has its answer in the same item is followed by that.
 */
export function readCall(item: Fields, type: string, calls: CallNames): MessageFragment[] {
  const callId = item.optionalText("call_id");
  const name = item.optionalText("name") ?? type;
  if (callId !== null) calls.set(callId, name);
  for (const known of ["id", "status"]) item.value(known);
  const metadata = callMetadata(callId);
  const call = (args: JsonObject): FunctionCallFragment => ({ kind: "functionCall", name, args, ...metadata });
  if (item.value("arguments") === undefined) return [call(takeRest(item))];
  const error = item.value("error");
  const response = error ?? item.value("output");
  const called = call(readArguments(item));
  if (response === undefined) return [called];
  return [called, { kind: "functionResponse", name, response: toText(item, response), failed: error !== undefined }];
}

/** What a tool answered, under the name that it was called by. */
export function readCallOutput(item: Fields, type: string, calls: CallNames): FunctionResponseFragment {
  for (const known of ["id", "status"]) item.value(known);
  const callId = item.optionalText("call_id");
  const name = item.optionalText("name") ?? calls.get(callId ?? "") ?? type;
  const response = toText(item, item.value("output") ?? "");
  return { kind: "functionResponse", name, response, failed: response.startsWith("Error"), ...callMetadata(callId) };
}

/** The arguments as an object; a text that is none, as a model may write it, under the name of the field. */
function readArguments(item: Fields): JsonObject {
  const value = item.value("arguments");
  const args = typeof value === "string" ? (parseArguments(value || "{}") ?? { arguments: value }) : value;
  if (!isJsonObject(args)) throw item.error("arguments", "must be the text of a JSON object");
  item.checkStorable("arguments", args);
  return args;
}

function takeRest(item: Fields): JsonObject {
  const rest = orderedObject(item.unread());
  for (const [name, value] of Object.entries(rest)) {
    item.checkStorable(name, value);
    item.value(name);
  }
  return rest;
}

/** An output as text: as it is, its parts one under the other where all are text, else its JSON. */
function toText(item: Fields, output: unknown): string {
  item.checkStorable("output", output);
  if (typeof output === "string") return output;
  const texts = Array.isArray(output) ? output.map(textOfPart) : [null];
  return texts.includes(null) ? JSON.stringify(output) : texts.join("\n");
}

function textOfPart(part: unknown): string | null {
  return isJsonObject(part) && typeof part.text === "string" ? part.text : null;
}
