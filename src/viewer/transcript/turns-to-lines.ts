import type { Fragment, Turn } from "./turn.ts";

/** What a line of the export says of a conversation beside its turns. */
export interface LineHead {
  id: string;
  user: string | null;
  createdAt: string;
  updatedAt: string;
  agent: { name: string; version: string | null } | null;
  metadata: string;
  revision: number;
}

/**
 * The parts of one line of JSON, in the project's own format, which `import` takes. Texts of JSON are put in as they are,
 * so that digits and orders stay.
 */
export function conversationToLine(head: LineHead, turns: readonly Turn[]): string[] {
  const { id, user, createdAt, updatedAt, agent, metadata, revision } = head;
  const opening = members({
    format: quote("conversation-graph/1"),
    id: quote(id),
    user: quote(user),
    createdAt: quote(createdAt),
    updatedAt: quote(updatedAt),
    agent: agent === null ? "null" : members({ name: quote(agent.name), version: quote(agent.version) }),
    metadata,
    revision: String(revision),
  });
  const list = turns.map((turn, index) => (index === 0 ? "" : ",") + turnToJson(turn));
  return [opening.slice(0, -1), ',"turns":[', ...list, "]}\n"];
}

function turnToJson(turn: Turn): string {
  return members({
    id: quote(turn.id),
    revision: String(turn.revision),
    timestamp: quote(turn.timestamp),
    role: quote(toWord(turn.role)),
    state: quote(toWord(turn.state)),
    messages: `[${turn.messages.map(fragmentToJson).join(",")}]`,
    errorDetail: quote(turn.errorDetail),
    inReplyToId: quote(turn.inReplyTo?.id ?? null),
    metadata: turn.metadata,
  });
}

function fragmentToJson(fragment: Fragment): string {
  const metadata = fragment.metadata === null ? {} : { metadata: fragment.metadata };
  switch (fragment.__typename) {
    case "TextFragment":
      return members({
        kind: quote("text"),
        content: quote(fragment.content),
        state: quote(toWord(fragment.fragmentState)),
        ...metadata,
      });
    case "FunctionCallFragment":
      return members({ kind: quote("functionCall"), name: quote(fragment.name), args: fragment.args, ...metadata });
    case "FunctionResponseFragment":
      return members({
        kind: quote("functionResponse"),
        name: quote(fragment.name),
        response: quote(fragment.response),
        failed: String(fragment.failed),
        ...metadata,
      });
  }
}

/** The wire form of an enum's value: IN_PROGRESS is in-progress. */
function toWord(value: string): string {
  return value.toLowerCase().replace("_", "-");
}

function quote(text: string | null): string {
  return JSON.stringify(text);
}

/** The object whose members have these texts. */
function members(texts: Record<string, string>): string {
  return `{${Object.entries(texts)
    .map(([key, text]) => `${quote(key)}:${text}`)
    .join(",")}}`;
}
