import { readResponse } from "../content-parts.ts";
import type { Fields } from "../fields.ts";
import type { CallEvent } from "../trajectory.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";
import { readCallBlock } from "./tool-calls.ts";

/** The block types of a model's thoughts. */
const THOUGHTS: ReadonlySet<unknown> = new Set(["thinking", "redacted_thinking", "reasoning", "reasoning_content"]);

/** The block types of calls. */
const CALLS: ReadonlySet<string> = new Set([
  "tool_use",
  "server_tool_use",
  "tool_call",
  "server_tool_call",
  "function_call",
]);

/** Whether the message's content is thoughts only. */
export function isOnlyThought(data: Fields): boolean {
  const content = data.peek("content");
  const blocks = Array.isArray(content) ? (data.optionalParts("content") ?? []) : [];
  return blocks.length > 0 && blocks.every((block) => typeof block !== "string" && THOUGHTS.has(block.peek("type")));
}

/**
 * Adds the content of a message to the current one: consecutive texts joined by `between`, and the calls, each at the
 * place of its block, else at the end. Counts other blocks as left out, by type. Throws RecordError.
 */
export function addContent(
  data: Fields,
  between: string,
  calls: readonly CallEvent[],
  trajectory: TrajectoryBuilder,
): void {
  const open = [...calls];
  let texts: string[] = [];
  const endText = () => {
    if (texts.length > 0) trajectory.addText(texts.join(between));
    texts = [];
  };
  for (const block of readBlocks(data)) {
    const type = typeof block === "string" ? "text" : block.text("type");
    if (typeof block === "string") texts.push(block);
    else if (type === "text") texts.push(block.text("text"));
    else {
      endText();
      if (CALLS.has(type)) addCallBlock(block, open, calls, trajectory);
      else if (type.endsWith("tool_result")) addResult(block, type, trajectory);
      else trajectory.leaveOut(THOUGHTS.has(type) ? "reasoning" : `part ${type}`);
    }
  }
  endText();
  for (const call of open) trajectory.addCall(call);
}

/** A message's content as blocks; the oldest form calls it `text`. */
function readBlocks(data: Fields): (string | Fields)[] {
  const content = data.value("content");
  if (Array.isArray(content)) return content.length === 0 ? [""] : (data.optionalParts("content") ?? []);
  return [data.optionalText("content") ?? data.optionalText("text")].filter((text) => text !== null);
}

/** A block of a call stands for the message's call with the same id; a block without such a call is one itself. */
function addCallBlock(
  block: Fields,
  open: CallEvent[],
  calls: readonly CallEvent[],
  trajectory: TrajectoryBuilder,
): void {
  const call = readCallBlock(block);
  const at = open.findIndex(({ id }) => id === call.id);
  const [named] = at < 0 ? [] : open.splice(at, 1);
  if (named !== undefined || !calls.some(({ id }) => id === call.id)) trajectory.addCall(named ?? call);
}

function addResult(block: Fields, type: string, trajectory: TrajectoryBuilder): void {
  const failed = block.value("is_error") === true || block.value("status") === "error";
  trajectory.addResponse({
    callId: block.optionalKey("tool_use_id") ?? block.optionalKey("tool_call_id"),
    name: block.optionalText("name"),
    content: readResponse(block, block.peek("output") === undefined ? "content" : "output", trajectory),
    failed: failed ? true : null,
    unnamed: type,
  });
}
