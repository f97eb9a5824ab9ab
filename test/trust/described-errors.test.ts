import { connect } from "node:net";

import { expect, test } from "vitest";

import { describeError } from "../../src/log.ts";

const SECRET = "what somebody wrote";

/** What the work throws or rejects with. */
async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

/** An error as postgres.js makes it of PostgreSQL's answer. */
function databaseError(code: string, message: string): Error {
  const fields = { code, detail: SECRET, where: SECRET, hint: SECRET, query: SECRET, parameters: [SECRET] };
  return Object.assign(new Error(message), fields, { table_name: "turns", constraint_name: "a_check", routine: "f" });
}

test.each([
  ["JSON that is none", () => JSON.parse(SECRET)],
  ["an argument that Node refuses", () => connect({ port: 1, lookup: SECRET } as never)],
  ["a violated rule of a table", () => databaseError("23514", SECRET)],
  ["a value that PostgreSQL cannot read", () => databaseError("22P02", SECRET)],
  ["a search that it cannot read", () => databaseError("42601", SECRET)],
  ["what a function raises", () => databaseError("P0001", SECRET)],
  ["a message like a stack", () => new Error(`x\n    at ${SECRET} (file:///x.ts:1:1)`)],
  ["an error with a cause", () => new Error(SECRET, { cause: new Error(SECRET) })],
  ["several errors", () => new AggregateError([new Error(SECRET)], SECRET)],
  ["a text", () => SECRET],
  ["an object", () => ({ message: SECRET, code: SECRET })],
])("%s is described without what it quotes", async (_what, work) => {
  expect(JSON.stringify(describeError(await thrownBy(work)))).not.toContain(SECRET);
});

test("of an error of the database stays what finds the rule and the place", () => {
  expect(describeError(databaseError("23514", SECRET))).toEqual({
    name: "Error",
    code: "23514",
    table: "turns",
    constraint: "a_check",
    routine: "f",
    stack: expect.stringMatching(/^ +at databaseError .+:\d+:\d+\)$/m),
  });
});

test.each([
  ["a column that is not there", "42703"],
  ["a table that is not there", "42P01"],
  ["a statement that took too long", "57014"],
  ["too many connections", "53300"],
  ["a connection that was not made", "CONNECT_TIMEOUT"],
])("the message of %s stays", (_what, code) => {
  expect(describeError(databaseError(code, "the message"))).toMatchObject({ code, message: "the message" });
});

test("the message of a connection that is refused stays", async () => {
  const refused = await new Promise<Error>((resolve) => connect({ port: 1, host: "127.0.0.1" }).on("error", resolve));
  expect(describeError(refused)).toMatchObject({
    code: "ECONNREFUSED",
    message: expect.stringContaining("ECONNREFUSED 127.0.0.1:1"),
  });
});
