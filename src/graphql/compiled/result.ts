import type { ExecutionResult } from "graphql";

import { parseJson } from "../../model/json.ts";
import { Output } from "./output.ts";
import type { Answer, RootResult } from "./query.ts";

const EXPECTED_BYTES = 65_536;
const KEPT_BYTES = 1_048_576;

// Writing waits for nothing, so that all answers can be written in one place: it has grown to their size, and no answer
// leaves behind what it was too long for.
let scratch = new Output(EXPECTED_BYTES);

/** The bytes of what is written. */
export function toBytes(write: (out: Output) => void): Buffer {
  const out = scratch;
  // What came before may have failed in the middle.
  out.clear();
  write(out);
  if (out.size > KEPT_BYTES) scratch = new Output(EXPECTED_BYTES);
  return out.take();
}

/** The result of a compiled query: for Yoga, which sends it; for who looks into its data; for who wants the rows. */
export class CompiledResult implements ExecutionResult {
  /** What Yoga asks a result for before it would write the result itself. */
  // One function for all results: of functions of their own V8 kept every one, with all rows, until a full collection.
  readonly stringify = writeResult;
  private readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  /** What each root field found. */
  get found(): ReadonlyMap<string, RootResult> {
    return this.answer.found;
  }

  get data(): Record<string, unknown> {
    return (parseJson(this.toBytes().toString()) as { data: Record<string, unknown> }).data;
  }

  /** The whole answer. */
  toBytes(): Buffer {
    return toBytes((out) => {
      out.writeString('{"data":');
      this.answer.write(out);
      out.writeString("}");
    });
  }
}

function writeResult(result: CompiledResult): Buffer {
  return result.toBytes();
}
