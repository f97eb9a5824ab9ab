import type { Fields } from "../fields.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";

/** Fields of a part for the SDK's own use. */
const SILENT = [
  "providerMetadata",
  "callProviderMetadata",
  "resultProviderMetadata",
  "providerExecuted",
  "preliminary",
];

/** Whether the part is a model's thought or the beginning of a step, neither of which is part of what was said. */
export function isThought(part: Fields): boolean {
  const type = part.peek("type");
  return type === "reasoning" || type === "step-start";
}

/**
 * Adds a part to the current message: a text is a fragment, a tool's part its call and result; counts other parts as
 * left out, by type. Throws RecordError for a malformed part.
 */
export function addPart(part: Fields, trajectory: TrajectoryBuilder): void {
  const type = part.text("type");
  if (type === "step-start") return;
  if (type === "text") {
    const state = part.optionalWord("state", ["streaming", "done"]);
    trajectory.addText(part.text("text"), state === "streaming" ? "in-progress" : "done");
    trajectory.endText();
  } else if (type === "tool-invocation" && part.peek("toolInvocation") !== undefined) addOlderTool(part, trajectory);
  else if (type === "dynamic-tool") addTool(part, part.text("toolName"), trajectory);
  else if (type.startsWith("tool-")) addTool(part, type.slice("tool-".length), trajectory);
  else {
    trajectory.leaveOut(type === "reasoning" ? type : `part ${type}`);
    return;
  }
  for (const name of SILENT) part.value(name);
  part.countUnknown();
}

/** Adds the part of a tool in any state: its call, then its result or the reason for having none. */
function addTool(part: Fields, name: string, trajectory: TrajectoryBuilder): void {
  const callId = part.optionalKey("toolCallId");
  // `rawInput` holds the model's text where it is no input that the tool accepts.
  const input = part.value("input") === undefined ? "rawInput" : "input";
  trajectory.addCall({ id: callId, name, args: part.value(input), path: part.pathOf(input) });
  const state = part.optionalText("state");
  const approval = part.optionalFields("approval");
  const errorText = part.optionalText("errorText");
  if (errorText !== null) trajectory.addResponse({ callId, name, content: errorText, failed: true });
  else if (state === "output-denied") {
    trajectory.addResponse({ callId, name, content: approval?.optionalText("reason") ?? "", failed: true });
  } else if (state === "output-available" || part.value("output") !== undefined) {
    trajectory.addResponse({ callId, name, content: readOutput(part, "output"), failed: false });
  } else if (approval !== null) trajectory.leaveOut("approval");
}

function addOlderTool(part: Fields, trajectory: TrajectoryBuilder): void {
  const invocation = part.optionalFields("toolInvocation");
  if (invocation !== null) addInvocation(invocation, trajectory);
}

/** Adds a call and its result, as the SDK wrote them before version 5. */
export function addInvocation(invocation: Fields, trajectory: TrajectoryBuilder): void {
  const callId = invocation.optionalKey("toolCallId");
  const name = invocation.text("toolName");
  trajectory.addCall({ id: callId, name, args: invocation.value("args"), path: invocation.pathOf("args") });
  const isAnswered = invocation.value("state") === "result" || invocation.value("result") !== undefined;
  if (isAnswered) trajectory.addResponse({ callId, name, content: readOutput(invocation, "result"), failed: null });
  invocation.value("step");
  invocation.countUnknown();
}

/** An output as text: a text unchanged, anything else as JSON. */
function readOutput(part: Fields, name: string): string {
  const output = part.storable(name, part.value(name) ?? "");
  return typeof output === "string" ? output : JSON.stringify(output);
}
