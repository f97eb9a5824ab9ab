import type { ConversationRecord } from "../../model/conversation-record.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { writeChat } from "./chat.ts";
import { writeOpenaiItems } from "./openai-items.ts";
import { writeUiMessages } from "./ui-messages.ts";

/** Another format that conversations can be written in. */
export interface ExportTarget {
  /** The name for `--to`. */
  name: string;
  /** For the help: what a line holds. */
  description: string;
  /** The conversation as one line, without the line break. Counts in the notes what the format cannot express. */
  write(record: ConversationRecord, notes: ReadingNotes): string;
}

export const EXPORT_TARGETS: readonly ExportTarget[] = [
  {
    name: "openai-items",
    description: "an OpenAI conversation with its Responses items {id, created_at, metadata, items: […]}",
    write: writeOpenaiItems,
  },
  {
    name: "ui-messages",
    description: "UI messages of the AI SDK 5 and 6 {id, messages: [{id, role, parts}, …]}",
    write: writeUiMessages,
  },
  {
    name: "chat",
    description: "OpenAI chat messages {id, messages: [{role, content, tool_calls}, …]}",
    write: writeChat,
  },
];
