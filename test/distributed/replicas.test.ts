import { describe, expect, test } from "vitest";

import { ON_CITUS } from "../harness/citus.ts";
import { createDatabase } from "../harness/database.ts";
import { runProgram } from "../harness/program.ts";
import { named } from "./cluster-database.ts";

describe.skipIf(!ON_CITUS)(named("a server of a distributed database"), () => {
  test("does not start with replicas, by one process or several", async () => {
    const { url, drop } = await createDatabase();
    for (const WORKERS of ["1", "2"]) {
      expect(
        await runProgram(["serve"], { PORT: "0", DATABASE_URL: url, DATABASE_REPLICA_URLS: url, WORKERS }),
      ).toMatchObject({
        status: 1,
        stdout: "",
        stderr: expect.stringContaining(
          "DATABASE_REPLICA_URLS is set, and the tables are distributed: unset it, as no replica has them.",
        ),
      });
    }
    await drop();
  });
});
