import { placeholder } from "../database/statements.ts";
import type { Scope } from "../sql/scope.ts";

/** The scope of a statement that is kept: what differs from one request to the next is a placeholder. */
export function lateScope({ isolationKey }: Scope): Scope {
  return {
    projectId: placeholder("projectId"),
    isolationKey: isolationKey === null ? null : placeholder("isolationKey"),
  };
}
