import type { ExecutionResult } from "graphql";

import { parseJson } from "../../json.ts";
import { Output } from "./output.ts";
import type { Answer, Found } from "./query.ts";

const EXPECTED_BYTES = 16_384;

/** The result of a compiled query: for Yoga, which sends it; for who looks into its data; for who wants the rows. */
export class CompiledResult implements ExecutionResult {
  /** What each root field found. */
  readonly found: ReadonlyMap<string, Found>;
  /** The whole answer, which Yoga asks a result for before it would write one itself. */
  readonly stringify: () => Buffer;

  constructor({ found, write }: Answer) {
    this.found = found;
    this.stringify = () => {
      const out = new Output(EXPECTED_BYTES);
      out.writeString('{"data":');
      write(out);
      out.writeString("}");
      return out.toBuffer();
    };
  }

  get data(): Record<string, unknown> {
    return (parseJson(this.stringify().toString()) as { data: Record<string, unknown> }).data;
  }
}
