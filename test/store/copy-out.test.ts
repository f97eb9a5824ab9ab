import { sql } from "drizzle-orm";
import { expect, test } from "vitest";

import { connectTo } from "../harness/connect.ts";
import { createDatabase } from "../harness/database.ts";

test("a transaction goes on after a copy whose last bytes come faster than they are consumed", async () => {
  const { url, drop } = await createDatabase({ migrated: false });
  const database = connectTo(url);
  const sizes: number[] = [];
  const after = await database.copyTransaction("read", async (transaction) => {
    // More than postgres.js takes before it pauses, up to the end of the copy.
    for (const length of [1, 60_000, 65_530, 70_000, 1_000_000]) {
      let size = 0;
      const statement = sql`COPY (SELECT repeat('x', ${sql.raw(String(length))})) TO STDOUT`;
      for await (const bytes of transaction.copyOut(statement)) size += bytes.length;
      sizes.push(size);
    }
    return await transaction.rows(sql`SELECT 1 AS one`);
  });
  expect(sizes).toEqual([2, 60_001, 65_531, 70_001, 1_000_001]);
  expect(after).toEqual([{ one: 1 }]);
  await database.close();
  await drop();
});
