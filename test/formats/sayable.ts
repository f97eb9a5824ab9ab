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
  const turns = record.turns.map((turn) => {
    const messages = onlyTextsOfUsers(turn.role, withIds(turn.messages, ids));
    return { ...turn, messages: turn.state === "in-progress" ? messages : messages.map(allDone) };
  });
  const said = responsesBehindCalls(turns).map(({ id, role, messages }): SaidTurn => {
    const last = messages.at(-1);
    const state = last?.kind === "text" && last.state === "in-progress" ? "in-progress" : "done";
    const words = messages.filter(({ kind, ...fragment }) => role === "user" || kind !== "text" || !isEmpty(fragment));
    return { id, role, state, messages: atLeastEmptyText(words, state) };
  });
  return withAssistantsJoined(said);
}

function isEmpty(fragment: object): boolean {
  return "content" in fragment && fragment.content === "";
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

/**
 * A call and its response are one part, in the place of the call, also where the response is of a later turn before the next
 * question; a response without a call gets one.
 */
function responsesBehindCalls(turns: readonly SaidTurn[]): SaidTurn[] {
  let open: Part[] = [];
  const said = turns.map((turn) => {
    if (turn.role === "user") open = [];
    const parts = turn.messages.flatMap((fragment): Part[] => {
      const part = { call: fragment };
      if (fragment.kind === "functionCall") open.push(part);
      if (fragment.kind !== "functionResponse") return [part];
      const at = open.findIndex(({ call }) => isCallOf(call, fragment));
      const [called] = at < 0 ? [] : open.splice(at, 1);
      if (called !== undefined) called.response = fragment;
      const { name, metadata = {} } = fragment;
      return called === undefined
        ? [{ call: { kind: "functionCall", name, args: {}, metadata }, response: fragment }]
        : [];
    });
    return { ...turn, parts };
  });
  return said.map(({ parts, ...turn }) => ({
    ...turn,
    messages: parts.flatMap(({ call, response }) => (response === undefined ? [call] : [call, response])),
  }));
}

interface Part {
  call: MessageFragment;
  response?: MessageFragment;
}

function isCallOf(call: MessageFragment, response: MessageFragment): boolean {
  return (
    "name" in call &&
    "name" in response &&
    call.name === response.name &&
    call.metadata?.callId === response.metadata?.callId
  );
}
