import { isJsonObject } from "../model/json.ts";
import type { Fields } from "./fields.ts";
import type { TrajectoryBuilder } from "./trajectory.ts";

/** The types of text parts, and the field that holds each one's text. */
const TEXT_FIELDS: ReadonlyMap<string, string> = new Map([
  ["text", "text"],
  ["input_text", "text"],
  ["output_text", "text"],
  ["summary_text", "text"],
  ["refusal", "refusal"],
]);

/** The types of parts beside the text of a response. */
const MEDIA_TYPES: ReadonlySet<unknown> = new Set([
  "image",
  "image_url",
  "input_image",
  "audio",
  "input_audio",
  "video",
  "document",
  "file",
  "input_file",
]);

/**
 * The text in a message's `content`: as it is, or its text parts one below the other. Counts other parts as left out,
 * by type. Null without any text.
 */
export function readContent(message: Fields, trajectory: TrajectoryBuilder): string | null {
  if (!Array.isArray(message.value("content"))) return message.optionalText("content");
  const texts = message.list("content").flatMap((part) => {
    const type = part.text("type");
    const field = TEXT_FIELDS.get(type);
    if (field === undefined) {
      trajectory.leaveOut(`part ${type}`);
      return [];
    }
    const text = part.text(field);
    // Empty lists of annotations and probabilities come with every text.
    for (const [name, value] of part.unread()) if (Array.isArray(value) && value.length === 0) part.value(name);
    part.countUnknown();
    return [text];
  });
  return texts.length === 0 ? null : texts.join("\n");
}

/**
 * Whether the message's content is empty (null or no parts), as some writers mark "nothing said", and no unread field
 * may hold the words instead.
 */
export function saysNothing(message: Fields): boolean {
  const content = message.peek("content");
  const isEmpty = content === null || (Array.isArray(content) && content.length === 0);
  return isEmpty && !message.unread().some(([, value]) => mayHoldWords(value));
}

/** Whether a value is a text, a list or an object that is not empty. */
export function mayHoldWords(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/**
 * The result of a function as text: a text unchanged; of a list of parts the texts one below the other, when the others
 * are images and the like, which are counted as left out by type; the JSON of anything else.
 */
export function readResponse(message: Fields, name: string, trajectory: TrajectoryBuilder): string {
  const value = message.storable(name, message.value(name) ?? "");
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || !value.every(isTextOrMedia)) return JSON.stringify(value);
  for (const { type, text } of value) if (text === undefined) trajectory.leaveOut(`part ${type}`);
  return value.flatMap(({ text }) => text ?? []).join("\n");
}

function isTextOrMedia(part: unknown): part is { type: string; text?: string } {
  if (!isJsonObject(part)) return false;
  return typeof part.text === "string" || (MEDIA_TYPES.has(part.type) && part.text === undefined);
}
