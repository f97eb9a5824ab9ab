import { isJsonObject } from "../../model/json.ts";
import { readResponse } from "../content-parts.ts";
import type { Fields } from "../fields.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";

/** Fields of any block that say nothing: hints for the cache, and for the page that shows the block. */
const SILENT = ["cache_control", "caller", "flags", "start_timestamp", "stop_timestamp", "toolset_name"];

/** The block types of a model's thoughts. */
const THINKING: ReadonlySet<unknown> = new Set(["thinking", "redacted_thinking"]);

function isBlock(value: unknown, types: ReadonlySet<unknown>): boolean {
  return isJsonObject(value) && types.has(value.type);
}

/** Whether the type is one of a model's thoughts. */
export function isThinking(type: unknown): boolean {
  return THINKING.has(type);
}

/** Whether a message's content is thoughts only, which are not part of what was said. */
export function isOnlyThinking(content: unknown): boolean {
  return Array.isArray(content) && content.length > 0 && content.every((block) => isBlock(block, THINKING));
}

/**
 * Adds content blocks of the Messages API to the current message: text, calls of every kind of tool and their results;
 * counts any other block as left out, by its type. Texts stand one below the other, except that pieces of one text,
 * which the API divides for citations, are joined. Throws RecordError for a malformed block.
 */
export function addBlocks(blocks: readonly (string | Fields)[], trajectory: TrajectoryBuilder): void {
  let texts: string[] = [];
  let isDivided = false;
  const endText = () => {
    if (texts.length > 0) trajectory.addText(texts.join(isDivided ? "" : "\n"));
    [texts, isDivided] = [[], false];
  };
  for (const block of blocks) {
    if (typeof block === "string") texts.push(block);
    else if (block.text("type") === "text") {
      texts.push(block.text("text"));
      const citations = block.value("citations");
      if (!Array.isArray(citations) || citations.length === 0) continue;
      isDivided = true;
      trajectory.leaveOut("citations");
    } else {
      endText();
      addBlock(block, block.text("type"), trajectory);
    }
  }
  endText();
}

function addBlock(block: Fields, type: string, trajectory: TrajectoryBuilder): void {
  if (type.endsWith("tool_use")) {
    const name = block.text("name");
    const args = block.value("input");
    trajectory.addCall({ id: block.optionalKey("id"), name, args, path: block.pathOf("input") });
  } else if (type.endsWith("tool_result")) addToolResult(block, type, trajectory);
  else {
    trajectory.leaveOut(isThinking(type) ? "reasoning" : `part ${type}`);
    return;
  }
  for (const name of SILENT) block.value(name);
  block.countUnknown();
}

function addToolResult(block: Fields, type: string, trajectory: TrajectoryBuilder): void {
  const content = block.value("content");
  // The results of the API's own tools are objects; errors among them have a type of their own.
  const isError = isJsonObject(content) && typeof content.type === "string" && content.type.endsWith("_error");
  trajectory.addResponse({
    callId: block.optionalKey("tool_use_id"),
    name: block.optionalText("name"),
    content: readResponse(block, "content", trajectory),
    failed: block.optionalBoolean("is_error") ?? (isError || null),
    unnamed: type,
  });
}
