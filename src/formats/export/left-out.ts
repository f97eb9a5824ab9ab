import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import { callIdOf, type MessageFragment } from "../../model/message-fragment.ts";
import { orderedObject } from "../../model/ordered-object.ts";
import type { ReadingNotes } from "../reading-notes.ts";

/** The conversation's metadata in order, without the system prompt, which other formats keep among the messages. */
export function metadataBesideSystem({ metadata }: ConversationRecord): Record<string, string> {
  return orderedObject(Object.entries(metadata).filter(([key]) => key !== "system"));
}

/** Counts what no other format can express: the conversation's agent and user, and fields of turns. */
export function countUnsayable(record: ConversationRecord, notes: ReadingNotes): void {
  if (record.agent !== null) notes.countLeftOut("agent");
  if (record.isolationKey !== null) notes.countLeftOut("user");
  for (const [index, turn] of record.turns.entries()) {
    // A reader joins consecutive turns of the assistant.
    const isJoined = turn.role === "assistant" && record.turns[index - 1]?.role === "assistant";
    if (isJoined) notes.countLeftOut("boundary between two turns of the assistant");
    if (turn.errorDetail !== null) notes.countLeftOut("errorDetail");
    if (turn.inReplyToId !== null) notes.countLeftOut("inReplyTo");
    if (Object.keys(turn.metadata).length > 0) notes.countLeftOut("turn metadata");
    for (const fragment of turn.messages) countFragmentMetadata(fragment, notes);
  }
}

function countFragmentMetadata(fragment: MessageFragment, notes: ReadingNotes): void {
  const keys = Object.keys(fragment.metadata ?? {});
  const said = fragment.kind === "text" || callIdOf(fragment) === null ? null : "callId";
  if (keys.some((key) => key !== said)) notes.countLeftOut("fragment metadata");
}

/** Counts the states of a turn and of its texts that the format cannot express. */
export function countState(turn: TurnRecord, notes: ReadingNotes): void {
  if (turn.state !== "done") notes.countLeftOut(`turn state ${turn.state}`);
  if (turn.messages.some((fragment) => fragment.kind === "text" && fragment.state !== "done")) {
    notes.countLeftOut("text state in-progress");
  }
}

/** The texts of a user turn. Counts its calls and responses: in other formats only assistants call. */
export function userTexts(turn: TurnRecord, notes: ReadingNotes): string[] {
  return turn.messages.flatMap((fragment) => {
    if (fragment.kind === "text") return [fragment.content];
    notes.countLeftOut(`${fragment.kind} of a user turn`);
    return [];
  });
}
