import { isJsonObject } from "../../model/json.ts";
import type { Fields } from "../fields.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";

/** The kinds of part by their field; Google's clients write it in one word or with underscores. */
const KINDS = {
  text: "text",
  functionCall: "functionCall",
  function_call: "functionCall",
  functionResponse: "functionResponse",
  function_response: "functionResponse",
  executableCode: "executableCode",
  executable_code: "executableCode",
  codeExecutionResult: "codeExecutionResult",
  code_execution_result: "codeExecutionResult",
  inlineData: "inlineData",
  inline_data: "inlineData",
  fileData: "fileData",
  file_data: "fileData",
  toolCall: "toolCall",
  toolResponse: "toolResponse",
} as const;

type Kind = (typeof KINDS)[keyof typeof KINDS];

/** Fields of a part that say nothing. */
const SILENT = ["thoughtSignature", "thought_signature", "thought", "videoMetadata", "mediaResolution"];

/** The function name for code that the model runs, and for its result. */
const CODE = "code_execution";

/** Whether the value is a part of a Gemini content. */
export function isPart(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(KINDS).some((key) => key in value) && !("type" in value);
}

/** The texts of an instruction, in order. */
export function readTexts(instruction: Fields): string[] {
  return instruction.list("parts").map((part) => part.text("text"));
}

/**
 * Adds the parts of a content to the current message: consecutive texts joined by `between`, calls, and results of
 * functions. Counts thoughts, files and other parts as left out, by kind. Throws RecordError.
 */
export function addParts(parts: readonly Fields[], between: string, trajectory: TrajectoryBuilder): void {
  let texts: string[] = [];
  const endText = () => {
    if (texts.length > 0) trajectory.addText(texts.join(between));
    texts = [];
  };
  for (const part of parts) {
    const [name, kind] = kindOf(part);
    if (part.value("thought") === true) {
      trajectory.leaveOut("reasoning");
      continue;
    }
    if (kind === "text") texts.push(part.text("text"));
    else {
      endText();
      addPart(part, name, kind, trajectory);
    }
    for (const silent of SILENT) part.value(silent);
    part.countUnknown();
  }
  endText();
}

function kindOf(part: Fields): [name: string, kind: Kind | null] {
  for (const [name, kind] of Object.entries(KINDS)) if (part.peek(name) !== undefined) return [name, kind];
  return [part.unread()[0]?.[0] ?? "without content", null];
}

function addPart(part: Fields, name: string, kind: Kind | null, trajectory: TrajectoryBuilder): void {
  const fields = kind === null || kind === "inlineData" || kind === "fileData" ? null : part.optionalFields(name);
  if (fields === null) {
    part.value(name);
    trajectory.leaveOut(`part ${name}`);
    return;
  }
  const id = fields.optionalKey("id");
  if (kind === "functionCall" || kind === "toolCall") {
    const called = fields.text(kind === "toolCall" ? "toolType" : "name");
    trajectory.addCall({ id, name: called, args: fields.value("args"), path: fields.pathOf("args") });
  } else if (kind === "executableCode") {
    const args = { language: fields.value("language"), code: fields.value("code") };
    trajectory.addCall({ id, name: CODE, args, path: fields.path });
  } else if (kind === "codeExecutionResult") {
    const failed = fields.text("outcome") !== "OUTCOME_OK";
    trajectory.addResponse({ callId: id, name: CODE, content: fields.optionalText("output") ?? "", failed });
  } else {
    const called = fields.optionalText(kind === "toolResponse" ? "toolType" : "name");
    trajectory.addResponse({ callId: id, name: called, ...readResponse(fields), unnamed: name });
  }
  fields.countUnknown();
}

/**
 * The result of a function: the sole value under `output` or `result` as it is, under `error` as a failure; else the
 * JSON.
 */
function readResponse(fields: Fields): { content: string; failed: boolean | null } {
  const response = fields.storable("response", fields.value("response") ?? {});
  if (!isJsonObject(response)) return { content: toText(response), failed: null };
  const [[key, value] = ["output", ""], ...more] = Object.entries(response);
  const isWrapped = more.length === 0 && ["output", "result", "error"].includes(key);
  if (!isWrapped) return { content: JSON.stringify(response), failed: null };
  return { content: toText(value), failed: key === "error" ? true : null };
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
