import { describe, test } from "vitest";

import { ON_CITUS } from "./citus.ts";

/** A test of what the one PostgreSQL with all tables does, and Citus does by other means or does not take. It says which. */
export const testOnOneMachine = test.skipIf(ON_CITUS);

/** Such tests together. */
export const describeOnOneMachine = describe.skipIf(ON_CITUS);
