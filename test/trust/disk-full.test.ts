import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CREATE, MARKED_CONVERSATION, postJson } from "../harness/marked-requests.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { createTrigger } from "../harness/triggers.ts";

let here: TestServer;
let server: RunningServer;

beforeAll(async () => {
  here = await startTestServer();
  await here.database.rows(sql`CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file "base/1/2"' USING ERRCODE = 'disk_full'; END $$`);
  await createTrigger(
    here.database,
    sql`CREATE TRIGGER fill BEFORE INSERT ON turns FOR EACH ROW EXECUTE FUNCTION fill()`,
  );
  server = await startServer({ DATABASE_URL: here.url });
});
afterAll(() => here.close());

test("where the database has no space left, a write is 503 in the words of any outage, and the log says why", async () => {
  const response = await fetch(server.url, postJson(CREATE, { input: MARKED_CONVERSATION }));
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await response.json()).toMatchObject({
    errors: [
      { message: "The database is not available. Try again shortly.", extensions: { code: "SERVICE_UNAVAILABLE" } },
    ],
  });
  expect((await fetch(server.url, postJson("{ conversations { totalCount } }", {}))).status).toBe(200);
  const { stderr } = await server.stop("SIGTERM");
  expect(JSON.parse(stderr)).toMatchObject({
    msg: "No space left on the device of the database",
    requestId: response.headers.get("x-request-id"),
    err: { code: "53100", message: 'could not extend file "base/1/2"' },
  });
});
