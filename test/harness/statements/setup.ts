import { afterAll } from "vitest";

import { checkStatements } from "./check.ts";

// Holds what the product sends to the rules of a database that is spread over machines, in each file of tests.
afterAll(() => {
  const broken = checkStatements();
  if (broken.length > 0) throw new Error(broken.join("\n\n"));
});
