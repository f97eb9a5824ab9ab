import type { CallFragment, ResponseFragment, TextFragment, Turn } from "../../src/viewer/transcript/turn.ts";

/** A finished turn of the user at the position, with defaults for what the test does not set. */
export function turn(position: number, given: Partial<Turn> = {}): Turn {
  return {
    id: `t${position}`,
    position,
    revision: position,
    role: "USER",
    state: "DONE",
    timestamp: "2024-05-20T10:00:00.000Z",
    errorDetail: null,
    inReplyTo: null,
    metadata: "{}",
    messages: [],
    ...given,
  };
}

export function says(content: string): TextFragment {
  return { __typename: "TextFragment", content, fragmentState: "DONE", metadata: null };
}

export function call(name: string, callId: string | null = null, args = "{}"): CallFragment {
  return { __typename: "FunctionCallFragment", name, args, callId, metadata: null };
}

export function response(name: string, callId: string | null = null, text = ""): ResponseFragment {
  return { __typename: "FunctionResponseFragment", name, response: text, failed: false, callId, metadata: null };
}
