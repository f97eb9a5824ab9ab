import type { SQL } from "drizzle-orm";

import { placeholder } from "../database/statements.ts";
import type { Scope } from "../sql/scope.ts";

/** The scope of a statement that is kept: what differs from one request to the next is a placeholder. */
export function lateScope({ isolationKey }: Scope): Scope {
  return {
    projectId: placeholder("projectId"),
    isolationKey: isolationKey === null ? null : placeholder("isolationKey"),
  };
}

/** The same for a statement that writes for several users of the project, whose isolation keys are the column's. */
export function lateScopeOfEach(isolationKey: SQL): Scope {
  // Safe cast: a statement treats the expression like a value, and nothing else looks at it.
  return { projectId: placeholder("projectId"), isolationKey: isolationKey as unknown as string };
}
