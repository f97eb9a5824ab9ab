import { afterAll, beforeAll, expect, test } from "vitest";

import { distributeCommand } from "../../src/commands/distribute.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { runProgram } from "../harness/program.ts";
import { runInProcess } from "../harness/run-in-process.ts";

let database: TestDatabase;
beforeAll(async () => {
  // On one machine even where the others are distributed.
  database = await createDatabase({ migrated: false });
});
afterAll(() => database.drop());

test("distribute says what it does, and needs the coordinator's address, and an answer to its question", async () => {
  const { status, stdout } = await runProgram(["distribute", "--help"], {});
  expect({ status, stdout }).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^Distributes .+--yes +does not ask/s),
  });
  await expect(runInProcess(distributeCommand, { yes: true })).rejects.toThrow(
    /^DATABASE_URL must name the coordinator/,
  );
  expect(await runProgram(["distribute"], { DATABASE_URL: database.url })).toEqual({
    status: 2,
    stdout: "",
    stderr: "--yes is needed without a terminal to ask on\n",
  });
});

test("distribute refuses replicas, and a database without Citus, with what to do", async () => {
  const env = { DATABASE_URL: database.url };
  const withReplica = await runProgram(["distribute", "--yes"], { ...env, DATABASE_REPLICA_URLS: database.url });
  expect(withReplica).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^DATABASE_REPLICA_URLS must not be set/),
  });
  expect(await runProgram(["distribute", "--yes"], env)).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(
      /^Nothing is distributed: the database has no extension citus\. .+CREATE EXTENSION citus/,
    ),
  });
});
