import { expect, test } from "vitest";

import type { NodeFacts } from "../../src/store/distributed/nodes.ts";
import { findDifferences } from "../../src/store/distributed/readiness.ts";

const COORDINATOR: NodeFacts = {
  version: 17,
  citus: "13.2-1",
  encoding: "UTF8",
  locale: "C/C.UTF-8",
  timeZone: "Etc/UTC",
  role: "app",
  statementTimeout: 0,
  lockTimeout: 0,
};

test.each<[Partial<NodeFacts>, string[]]>([
  [{ version: 16 }, ["PostgreSQL is 16, and the coordinator's 17. Use one version on all machines"]],
  [
    { citus: "12.1-1" },
    ["Citus is 12.1-1, and the coordinator's 13.2-1. Use one version on all machines (ALTER EXTENSION citus UPDATE)"],
  ],
  [
    { encoding: "LATIN1", locale: "C/C" },
    [
      "encoding is LATIN1, and the coordinator's UTF8. Create its database with the same ENCODING",
      "locale is C/C, and the coordinator's C/C.UTF-8. Create its database with the same LC_COLLATE and LC_CTYPE",
    ],
  ],
  [
    { timeZone: "Europe/Berlin" },
    [
      "TimeZone is Europe/Berlin, and the coordinator's Etc/UTC. Set one with ALTER DATABASE … SET TimeZone on the coordinator, which hands it on",
    ],
  ],
  [{ role: "other", statementTimeout: 5000, lockTimeout: 500 }, []],
])("of a worker with %j the coordinator differs so", (facts, differences) => {
  expect(findDifferences({ ...COORDINATOR, ...facts }, COORDINATOR)).toEqual(differences);
});
