import { mayHoldWords, readResponse } from "../content-parts.ts";
import { passOverEmpty } from "../empty-fields.ts";
import type { Fields } from "../fields.ts";
import { messageFormat } from "../message-format.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { CREATED_NAMES, readTime } from "../times.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";
import { addContent, isOnlyThought } from "./content.ts";
import { isMessage, isOwnMessage, unwrapMessage } from "./message-forms.ts";
import { findStateMessages, readState } from "./state.ts";
import { readToolCalls } from "./tool-calls.ts";

/** The messages of LangChain, and the states of LangGraph that hold them. */
export const langchainFormat = messageFormat({
  name: "langchain",
  description:
    "LangChain messages [{type: human | ai | tool, content | data}, …] or {lc, kwargs}, and LangGraph states {values: {messages}}",
  isMessage,
  isOwnMessage,
  findMessages: findStateMessages,
  readWrapper: readState,
  addMessage,
});

function addMessage(message: Fields, trajectory: TrajectoryBuilder, notes: ReadingNotes): void {
  const { kind, data } = unwrapMessage(message);
  if (kind === "removal") {
    notes.countLeftOut("removal of a message");
    return;
  }
  const calls = kind === "assistant" ? readToolCalls(data) : [];
  if (calls.length === 0 && isOnlyThought(data)) {
    notes.countLeftOut("reasoning");
    return;
  }
  const speaker = kind === "tool" ? "assistant" : kind;
  const info = { speaker, id: data.optionalExactText("id"), timestamp: readTime(data, CREATED_NAMES) };
  trajectory.addMessage(data, info, () => {
    if (kind === "tool") addToolMessage(data, trajectory);
    // The texts of a model's message are pieces of one text, as they were streamed.
    else addContent(data, kind === "assistant" ? "" : "\n", calls, trajectory);
    passOverEmpty(data);
    // An option of older versions, false in every message.
    data.value("example");
  });
}

function addToolMessage(data: Fields, trajectory: TrajectoryBuilder): void {
  const status = data.optionalText("status");
  if (mayHoldWords(data.value("artifact"))) trajectory.leaveOut("artifact");
  trajectory.addResponse({
    callId: data.optionalKey("tool_call_id"),
    name: data.optionalText("name"),
    content: readResponse(data, "content", trajectory),
    failed: status === null ? null : status === "error",
  });
}
