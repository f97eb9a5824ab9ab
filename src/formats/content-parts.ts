import { isTextOrMedia, joinTexts, responseText, TEXT_MEMBERS } from "../items/part-text.ts";
import type { Fields } from "./fields.ts";
import type { TrajectoryBuilder } from "./trajectory-builder.ts";

/**
 * The text in a message's `content`: as it is, or its text parts one below the other. Counts other parts as left out,
 * by type. Null without any text.
 */
export function readContent(message: Fields, trajectory: TrajectoryBuilder): string | null {
  if (!Array.isArray(message.value("content"))) return message.optionalText("content");
  const texts = message.list("content").flatMap((part) => {
    const type = part.text("type");
    const member = TEXT_MEMBERS.get(type);
    if (member === undefined) {
      trajectory.leaveOut(`part ${type}`);
      return [];
    }
    const text = part.text(member);
    // Empty lists of annotations and probabilities come with every text.
    for (const [name, value] of part.unread()) if (Array.isArray(value) && value.length === 0) part.value(name);
    part.countUnknown();
    return [text];
  });
  return joinTexts(texts);
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

/** The result of a function as text, by the rule of `responseText`; counts images and the like as left out, by type. */
export function readResponse(message: Fields, name: string, trajectory: TrajectoryBuilder): string {
  const value = message.storable(name, message.value(name) ?? "");
  if (Array.isArray(value) && value.every(isTextOrMedia)) {
    for (const { type, text } of value) if (text === undefined) trajectory.leaveOut(`part ${type}`);
  }
  return responseText(value);
}
