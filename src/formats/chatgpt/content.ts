import type { Fields } from "../fields.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";

/** The fields that hold the text of a content without `parts`. */
const TEXT_FIELDS = ["text", "result"] as const;

/**
 * The text of a ChatGPT message's content of any type: its text parts one below the other, or the text itself. Counts
 * other parts (images, audio) as left out, by type. Null without any text.
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
    // Transcribed speech stands beside its audio.
    const text = part.optionalText("text");
    if (text === null) trajectory.leaveOut(`part ${part.optionalText("content_type") ?? "without type"}`);
    return text ?? [];
  });
  return texts.length === 0 && parts.length > 0 ? null : texts.join("\n");
}
