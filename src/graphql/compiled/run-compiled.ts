import type { BeginOperation, Operation } from "../pipeline/begin-operation.ts";
import type { RequestContext } from "../pipeline/request.ts";
import type { Compiler } from "./compiler.ts";
import type { Answer } from "./query.ts";

/**
 * Runs the compiled form of a valid operation. Null for one that has none or asks for too much. Throws what the resolvers
 * would throw of arguments that break a rule, and then rejects with what the database fails with.
 */
export type RunCompiled = (operation: Operation, request: RequestContext) => Promise<Answer> | null;

/** Runs past the pipeline, whose machinery takes longer than a compiled document does. */
export function createRunCompiled(
  begin: BeginOperation,
  compile: Compiler,
  sizes: { maxPageBytes: number; maxAnswerBytes: number },
): RunCompiled {
  return (asked, request) => {
    const begun = begin(asked, request);
    if ("errors" in begun) return null;
    const { values, database } = begun;
    const query = compile(asked.document, asked.operation, values);
    if (query === null) return null;
    const { access, maxPageSize } = asked;
    const read = query(values, { database, scope: access.scope, maxPageSize, ...sizes });
    return begun.execute(read);
  };
}
