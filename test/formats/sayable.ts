import { assignCallIds, type CallIds } from "../../src/formats/export/call-ids.ts";
import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import type { MessageFragment, TextFragment, TurnRole, TurnState } from "../../src/model/message-fragment.ts";

export interface SaidTurn {
  id: string;
  role: TurnRole;
  state: TurnState;
  messages: MessageFragment[];
}

/** What of a conversation's turns chat messages can say. */
export function asChat(record: ConversationRecord): SaidTurn[] {
  const ids = assignCallIds(record);
  const turns = record.turns.map(({ id, role, messages }): SaidTurn => {
    const said = onlyTextsOfUsers(role, withIds(messages, ids)).map(allDone).map(failedByItsText);
    return { id, role, state: "done", messages: atLeastEmptyText(role === "user" ? joined(said) : said, "done") };
  });
  return withAssistantsJoined(turns);
}

/** What of a conversation's turns OpenAI's items can say. */
export function asOpenaiItems(record: ConversationRecord): SaidTurn[] {
  const ids = assignCallIds(record);
  const turns = record.turns.map(({ id, role, state: known, messages }): SaidTurn => {
    const said = onlyTextsOfUsers(role, withIds(messages, ids)).map(failedByItsText);
    if (role === "user") return { id, role, state: "done", messages: atLeastEmptyText(joined(said), "done") };
    const state = known === "error" ? "stopped" : known;
    const textState = state === "done" ? "done" : "in-progress";
    // The last item's status is that of the turn.
    const last = said.at(-1);
    if (last?.kind === "text") last.state = textState;
    return { id, role, state, messages: atLeastEmptyText(said, textState) };
  });
  return withAssistantsJoined(turns);
}

/** What of a conversation's turns UI messages can say. */
export function asUiMessages(record: ConversationRecord): SaidTurn[] {
  const ids = assignCallIds(record);
  const turns = record.turns.map(({ id, role, state, messages }): SaidTurn => {
    const streams = state === "in-progress";
    const said = responsesBehindCalls(onlyTextsOfUsers(role, withIds(messages, ids))).map((fragment) =>
      streams ? fragment : allDone(fragment),
    );
    const last = said.at(-1);
    const isInProgress = last?.kind === "text" && last.state === "in-progress";
    const words =
      role === "user" ? said : said.filter((fragment) => fragment.kind !== "text" || fragment.content !== "");
    return {
      id,
      role,
      state: isInProgress ? "in-progress" : "done",
      messages: atLeastEmptyText(words, isInProgress ? "in-progress" : "done"),
    };
  });
  return withAssistantsJoined(turns);
}

/** Of a fragment's metadata only the id of the call is said, and a call that has none gets one. */
function withIds(messages: readonly MessageFragment[], ids: CallIds): MessageFragment[] {
  return messages.map((fragment) => {
    const { metadata: _, ...said } = fragment;
    return fragment.kind === "text" ? said : { ...said, metadata: { callId: ids.idOf(fragment) } };
  }) as MessageFragment[];
}

/** Only assistants call functions. */
function onlyTextsOfUsers(role: TurnRole, messages: readonly MessageFragment[]): MessageFragment[] {
  return messages.filter(({ kind }) => role === "assistant" || kind === "text");
}

function allDone(fragment: MessageFragment): MessageFragment {
  return fragment.kind === "text" ? { ...fragment, state: "done" } : fragment;
}

/** Where a format does not say whether a function failed, its response does. */
function failedByItsText(fragment: MessageFragment): MessageFragment {
  return fragment.kind === "functionResponse"
    ? { ...fragment, failed: fragment.response.startsWith("Error") }
    : fragment;
}

/** A message's texts become one. */
function joined(messages: readonly MessageFragment[]): MessageFragment[] {
  const texts = messages.flatMap((fragment) => (fragment.kind === "text" ? [fragment.content] : []));
  return texts.length === 0 ? [] : [{ kind: "text", content: texts.join("\n"), state: "done" }];
}

/** A turn that says nothing says an empty text. */
function atLeastEmptyText(messages: MessageFragment[], state: TextFragment["state"]): MessageFragment[] {
  return messages.length === 0 ? [{ kind: "text", content: "", state }] : messages;
}

/** An assistant's turns that follow each other become one, in the state of the last. */
function withAssistantsJoined(turns: readonly SaidTurn[]): SaidTurn[] {
  const joinedTurns: SaidTurn[] = [];
  for (const turn of turns) {
    const last = joinedTurns.at(-1);
    if (last?.role !== "assistant" || turn.role !== "assistant") joinedTurns.push({ ...turn });
    else Object.assign(last, { state: turn.state, messages: [...last.messages, ...turn.messages] });
  }
  return joinedTurns;
}

/** A call and its response are one part; a response without a call gets one. */
function responsesBehindCalls(messages: readonly MessageFragment[]): MessageFragment[] {
  const parts: { call: MessageFragment; response?: MessageFragment }[] = [];
  for (const fragment of messages) {
    if (fragment.kind !== "functionResponse") {
      parts.push({ call: fragment });
      continue;
    }
    const open = parts.find(
      ({ call, response }) =>
        response === undefined &&
        call.kind === "functionCall" &&
        call.name === fragment.name &&
        call.metadata?.callId === fragment.metadata?.callId,
    );
    if (open !== undefined) open.response = fragment;
    else
      parts.push({
        call: { kind: "functionCall", name: fragment.name, args: {}, metadata: fragment.metadata ?? {} },
        response: fragment,
      });
  }
  return parts.flatMap(({ call, response }) => (response === undefined ? [call] : [call, response]));
}
