import {
  FRAGMENT_KINDS,
  FRAGMENT_STATES,
  type FragmentValues,
  fragmentKeys,
  type MessageFragment,
} from "../model/message-fragment.ts";
import type { Fields } from "./fields.ts";

/**
 * A message fragment in the documented wire shape, keys in the stored order. A text without `state` is done, a response
 * without `failed` did not fail. Throws RecordError for anything else.
 */
export function readFragment(fields: Fields): MessageFragment {
  const kind = fields.word("kind", FRAGMENT_KINDS);
  const values = fragmentKeys(kind).flatMap(([key, form]) => {
    const value = key === "metadata" ? fields.optionalObject(key) : READERS[form](fields, key);
    return value === null ? [] : [[key, value]];
  });
  fields.countUnknown();
  // Safe cast: the keys are those of the kind, and each holds what its reader gives.
  return { kind, ...Object.fromEntries(values) } as MessageFragment;
}

const READERS: { [Form in keyof FragmentValues]: (fields: Fields, key: string) => FragmentValues[Form] } = {
  text: (fields, key) => fields.text(key),
  state: (fields, key) => fields.optionalWord(key, FRAGMENT_STATES) ?? "done",
  boolean: (fields, key) => fields.optionalBoolean(key) ?? false,
  object: (fields, key) => fields.object(key),
};
