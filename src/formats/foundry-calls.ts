import type { JsonObject } from "../model/json.ts";
import { orderedObject } from "../model/ordered-object.ts";
import { readResponse } from "./content-parts.ts";
import type { Fields } from "./fields.ts";
import type { TrajectoryBuilder } from "./trajectory-builder.ts";

/**
 * Adds the call in an item of any tool: a function with its arguments, or a tool of the service (`web_search_call`)
 * with everything that the item says as arguments. A result in the same item follows as the response.
 */
export function readCall(item: Fields, type: string, trajectory: TrajectoryBuilder): void {
  const id = item.optionalKey("call_id");
  const name = item.optionalText("name") ?? type;
  if (item.value("arguments") === undefined) {
    trajectory.addCall({ id, name, args: type === "function_call" ? {} : takeRest(item), path: item.path });
    return;
  }
  trajectory.addCall({ id, name, args: item.value("arguments"), path: item.pathOf("arguments") });
  const failed = item.value("error") !== undefined;
  if (!failed && item.value("output") === undefined) return;
  trajectory.addResponse({
    callId: id,
    name,
    content: readResponse(item, failed ? "error" : "output", trajectory),
    failed,
  });
}

/** Adds the response in an item of a tool's output. */
export function readCallOutput(item: Fields, type: string, trajectory: TrajectoryBuilder): void {
  trajectory.addResponse({
    callId: item.optionalKey("call_id"),
    name: item.optionalText("name"),
    content: readResponse(item, "output", trajectory),
    failed: null,
    unnamed: type,
    isNamedById: true,
  });
}

function takeRest(item: Fields): JsonObject {
  const rest = orderedObject(item.unread());
  for (const name of Object.keys(rest)) item.value(name);
  return rest;
}
