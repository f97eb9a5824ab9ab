import { pino } from "pino";
import { expect, test } from "vitest";

import { toConnectOptions } from "../../src/commands/open-database.ts";
import { readConfig } from "../../src/config.ts";
import { toApiError } from "../../src/model/errors.ts";
import { startServer } from "../../src/server/server.ts";
import { connect } from "../../src/store/database/client.ts";

test.each([
  ["a host that is not found", "postgres://a@host.invalid/db"],
  ["several of them", "postgres://a@host.invalid,other.invalid/db"],
])("%s is an outage: 503 with Retry-After", async (_what, url) => {
  const config = readConfig({ PORT: "0", DATABASE_URL: url });
  const database = connect(url, toConnectOptions(config));
  const server = await startServer({ config, database, log: pino({ level: "silent" }) });
  const response = await fetch(new URL("/openai/v1/conversations", server.url));
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  await server.close();
  await database.close();
});

// As Node has them for a machine that is gone, or a network.
test.each(["EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EAI_AGAIN", "ETIMEDOUT"])(
  "%s is an outage",
  (code) => {
    expect(toApiError(Object.assign(new Error(code), { code }))).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  },
);
