import { FRAGMENT_STATES, type MessageFragment } from "../model/message-fragment.ts";
import type { Fields } from "./fields.ts";

const KINDS = ["text", "functionCall", "functionResponse"] as const;

/**
 * A message fragment in the documented wire shape, keys in the stored order. A text without `state` is done, a response
 * without `failed` did not fail. Throws RecordError for anything else.
 */
export function readFragment(fields: Fields): MessageFragment {
  const fragment = readKind(fields);
  const metadata = fields.optionalObject("metadata");
  fields.countUnknown();
  return metadata === null ? fragment : { ...fragment, metadata };
}

function readKind(fields: Fields): MessageFragment {
  const kind = fields.word("kind", KINDS);
  switch (kind) {
    case "text":
      return { kind, content: fields.text("content"), state: fields.optionalWord("state", FRAGMENT_STATES) ?? "done" };
    case "functionCall":
      return { kind, name: fields.text("name"), args: fields.object("args") };
    case "functionResponse":
      return {
        kind,
        name: fields.text("name"),
        response: fields.text("response"),
        failed: fields.optionalBoolean("failed") ?? false,
      };
  }
}
