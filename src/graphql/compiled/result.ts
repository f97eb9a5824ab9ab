import type { ExecutionResult } from "graphql";

import { parseJson } from "../../model/json.ts";
import { toJsonBytes } from "../../model/json-output.ts";
import type { Answer } from "./query.ts";

/** The bytes of the whole answer. LIMIT_EXCEEDED for one with more than `maxBytes`. */
export function answerBytes(answer: Answer, maxBytes: number): Buffer {
  return toJsonBytes((out) => {
    out.writeString('{"data":');
    answer.write(out);
    out.writeString("}");
  }, maxBytes);
}

/**
 * The result of a compiled query. Yoga sends what a result's `stringify` gives, bytes too: its types say that it is a string.
 * `data` parses the bytes again, for plugins that look into a result.
 */
export class CompiledResult implements ExecutionResult {
  // One function for all results: of functions of their own V8 kept every one, with its bytes, until a full collection.
  readonly stringify = takeBytes;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get data(): Record<string, unknown> {
    // Safe cast: this folder wrote it.
    return (parseJson(this.bytes.toString()) as { data: Record<string, unknown> }).data;
  }
}

function takeBytes({ bytes }: CompiledResult): Buffer {
  return bytes;
}
