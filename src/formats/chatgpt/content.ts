import type { Fields } from "../fields.ts";
import type { TrajectoryBuilder } from "../trajectory.ts";

/** The fields that hold the text of a content without `parts`. */
const TEXT_FIELDS = ["text", "result"] as const;

/**
 * The text of a ChatGPT message's content, of whatever type: of its parts those that are text, one below the other, else the
 * text itself. What is no text (images, audio) is left out by its type; null when there is no text at all.
 */
export function readContentText(content: Fields, trajectory: TrajectoryBuilder): string | null {
  const parts = content.optionalParts("parts");
  if (parts !== null) return readParts(parts, trajectory);
  for (const name of TEXT_FIELDS) {
    const text = content.optionalText(name);
    if (text !== null) return text;
  }
  trajectory.leaveOut(`content ${content.text("content_type")}`);
  return null;
}

function readParts(parts: readonly (string | Fields)[], trajectory: TrajectoryBuilder): string | null {
  const texts = parts.flatMap((part) => {
    if (typeof part === "string") return [part];
    // What was spoken is transcribed beside its audio.
    const text = part.optionalText("text");
    if (text === null) trajectory.leaveOut(`part ${part.optionalText("content_type") ?? "without type"}`);
    return text ?? [];
  });
  return texts.length === 0 && parts.length > 0 ? null : texts.join("\n");
}
