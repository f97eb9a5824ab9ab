import { readFile } from "node:fs/promises";
import type { TurnRecord } from "../../src/model/conversation-record.ts";
import type { MessageFragment } from "../../src/model/message-fragment.ts";

/** The text of a fixture in test/formats/fixtures. */
export function readFixture(name: string): Promise<string> {
  return readFile(new URL(`../formats/fixtures/${name}`, import.meta.url), "utf8");
}

/**
 * One line a turn: `user: text | …`; a call as `name{…}#id`, a response as `name -> text#id`, a failed one as `name !> text`.
 * What is not done is marked `…`, or with the turn's state.
 */
export function outline(turns: readonly TurnRecord[] | undefined): string[] {
  return (turns ?? []).map(({ role, state, messages }) => {
    const marked = state === "done" ? role : `${role} (${state})`;
    return `${marked}: ${messages.map(outlineFragment).join(" | ")}`;
  });
}

function outlineFragment(fragment: MessageFragment): string {
  const id = fragment.metadata?.callId === undefined ? "" : `#${fragment.metadata.callId}`;
  switch (fragment.kind) {
    case "text":
      return fragment.content + (fragment.state === "done" ? "" : "…");
    case "functionCall":
      return `${fragment.name}${JSON.stringify(fragment.args)}${id}`;
    case "functionResponse":
      return `${fragment.name} ${fragment.failed ? "!>" : "->"} ${fragment.response}${id}`;
  }
}
