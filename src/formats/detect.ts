import { claudeFormat } from "./anthropic/claude-export.ts";
import { anthropicFormat } from "./anthropic/messages.ts";
import { chatFormat } from "./chat.ts";
import { chatgptFormat } from "./chatgpt/chatgpt.ts";
import { exportFormat } from "./export-lines.ts";
import { fixieFormat } from "./fixie.ts";
import type { ConversationFormat } from "./format.ts";
import { geminiFormat } from "./gemini/contents.ts";
import { langchainFormat } from "./langchain/langchain.ts";
import { openaiItemsFormat } from "./openai-items.ts";
import { sharegptFormat } from "./sharegpt.ts";
import { uiMessagesFormat } from "./ui-messages/messages.ts";

/**
 * Every format. The first one that recognises a value reads it. Messages of other formats have a role too, so chat is
 * last.
 */
export const FORMATS: readonly ConversationFormat[] = [
  exportFormat,
  chatgptFormat,
  claudeFormat,
  langchainFormat,
  geminiFormat,
  uiMessagesFormat,
  anthropicFormat,
  sharegptFormat,
  fixieFormat,
  openaiItemsFormat,
  chatFormat,
];

/** The names that `--format` accepts. */
export const FORMAT_NAMES: readonly string[] = FORMATS.map(({ name }) => name);

/** The list of formats, for messages. */
export const UNDERSTOOD = FORMATS.map(({ name, description }) => `${description} (${name})`).join("; ");

/** The format of that name; undefined when there is none. */
export function formatNamed(name: string): ConversationFormat | undefined {
  return FORMATS.find((format) => format.name === name);
}
