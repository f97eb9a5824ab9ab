import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

// Named one by one, so that a failure says which clause of the GraphQL over HTTP specification it breaks.
const audits = serverAudits({ url: () => `${server.origin}/graphql` });

test("there are 61 audits of GraphQL over HTTP", () => {
  expect(audits).toHaveLength(61);
});

test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))("%s: %s", async (_id, _name, audit) => {
  const result = await audit.fn();
  expect(result.status, "reason" in result ? result.reason : "").toBe("ok");
});
