import { isJsonObject } from "../model/json.ts";

/** The types of text parts, and the member that holds each one's text. */
export const TEXT_MEMBERS: ReadonlyMap<unknown, string> = new Map([
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

/** The text in a message's content: as it is, or its text parts one below the other. Null without any text. */
export function contentText(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return null;
  return joinTexts(content.map(partText).filter((text) => text !== null));
}

/** The texts of a message's parts as one text; null for none. */
export function joinTexts(texts: readonly string[]): string | null {
  return texts.length === 0 ? null : texts.join("\n");
}

function partText(part: unknown): string | null {
  const member = isJsonObject(part) ? TEXT_MEMBERS.get(part.type) : undefined;
  const text = isJsonObject(part) && member !== undefined ? part[member] : null;
  return typeof text === "string" ? text : null;
}

/**
 * The result of a function as text: a text unchanged; of a list of parts the texts one below the other, when the others
 * are images and the like; the JSON of anything else.
 */
export function responseText(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || !value.every(isTextOrMedia)) return JSON.stringify(value);
  return value.flatMap(({ text }) => text ?? []).join("\n");
}

/** Whether the value is a part with a text, or a part without one that is an image or the like. */
export function isTextOrMedia(part: unknown): part is { type: string; text?: string } {
  if (!isJsonObject(part)) return false;
  return typeof part.text === "string" || (MEDIA_TYPES.has(part.type) && part.text === undefined);
}
