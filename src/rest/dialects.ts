import type { Dialect } from "./dialect.ts";
import { FIXIE } from "./fixie/dialect.ts";
import { FOUNDRY } from "./foundry/dialect.ts";

/** Every dialect, in the order of the published document. Their paths do not overlap. */
export const DIALECTS: readonly Dialect[] = [FOUNDRY, FIXIE];
