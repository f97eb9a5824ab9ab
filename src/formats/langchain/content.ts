import { readResponse } from "../content-parts.ts";
import type { Fields } from "../fields.ts";
import type { CallEvent, TrajectoryBuilder } from "../trajectory.ts";
import { readCallBlock } from "./tool-calls.ts";

/** The blocks in which a model's thoughts stand. */
const THOUGHTS: ReadonlySet<unknown> = new Set(["thinking", "redacted_thinking", "reasoning", "reasoning_content"]);

/** The blocks that are calls. */
const CALLS: ReadonlySet<string> = new Set([
  "tool_use",
  "server_tool_use",
  "tool_call",
  "server_tool_call",
  "function_call",
]);

/** Whether the message has a content of thoughts only. */
export function isOnlyThought(data: Fields): boolean {
  const content = data.peek("content");
  const blocks = Array.isArray(content) ? (data.optionalParts("content") ?? []) : [];
  return blocks.length > 0 && blocks.every((block) => typeof block !== "string" && THOUGHTS.has(block.peek("type")));
}

/**
 * Adds what a message says to the message that is being read: texts that follow each other with `between` between them, and
 * the calls, each where its block stands, else at the end. Other blocks are left out by their type. Throws RecordError.
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

/** A message's content as blocks; in the oldest form it is called `text`. */
function readBlocks(data: Fields): (string | Fields)[] {
  const content = data.value("content");
  if (Array.isArray(content)) return content.length === 0 ? [""] : (data.optionalParts("content") ?? []);
  return [data.optionalText("content") ?? data.optionalText("text")].filter((text) => text !== null);
}

/** A block of a call stands for the call of the same id; only one that is not among the message's calls is a call itself. */
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
