import { afterAll, beforeAll, expect, test } from "vitest";

import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { type Issuer, startIssuer } from "../harness/issuer.ts";
import { runProgram } from "../harness/program.ts";

let database: TestDatabase;
let issuer: Issuer;
beforeAll(async () => {
  database = await createDatabase();
  issuer = await startIssuer();
  await issuer.addKey("RS256");
});
afterAll(async () => {
  await issuer.close();
  await database.drop();
});

/** What the doctor says of tokens and keys on a server that others can reach. */
async function examine(): Promise<[number | null, string[]]> {
  const env = { DATABASE_URL: database.url, PORT: "0", HOST: "0.0.0.0", ...issuer.env, AUTH_WRITE_SCOPE: "write" };
  const { status, stdout } = await runProgram(["doctor"], env);
  return [status, stdout.split("\n").filter((line) => /^\w+ +(tokens|keys) /.test(line))];
}

test("the doctor says which tokens let users in, and whether the JWKS answers", async () => {
  const url = issuer.env.AUTH_JWKS_URL;
  const set =
    `ok    tokens      signed with the keys of ${url}; from https://issuer.example/ for conversations; ` +
    "a user is the claim sub; the project is shop; the scope write may write";
  const keys = "ok    keys        none, so callers need tokens";
  expect(await examine()).toEqual([0, [set, "ok    tokens      the JWKS has 1 key", keys]]);
  issuer.answer = "error";
  const [status, lines] = await examine();
  expect([status, lines[1]]).toEqual([
    1,
    expect.stringMatching(/^fail {2}tokens +AUTH_JWKS_URL: the JWKS cannot be read: it is answered with 500\. Until/),
  ]);
});
