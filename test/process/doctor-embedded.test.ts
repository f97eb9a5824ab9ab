import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import { newDataFolder, postgresRuns } from "../harness/data-folder.ts";
import { examine } from "../harness/examine.ts";
import { startServer } from "../harness/program.ts";

describe("the embedded database", () => {
  test("before its first start, while it runs and after it: ok, and left as it is", async () => {
    const folder = join(await newDataFolder(), "data");
    await chmod(join(folder, ".."), 0o755);
    const before = await examine({ DATA_DIR: folder });
    expect(before).toMatchObject({ status: 0, findings: { database: expect.stringContaining("first start") } });
    expect(await readdir(join(folder, ".."))).toEqual([]);

    const server = await startServer({ DATA_DIR: folder });
    const running = await examine({ DATA_DIR: folder, PORT: new URL(server.url).port });
    expect(running.status).toBe(0);
    expect(running.findings).toMatchObject({
      port: expect.stringMatching(/^ok a server of this program listens/),
      database: expect.stringMatching(/^ok embedded PostgreSQL \d+, .+, running$/),
      letters: expect.stringMatching(/^ok /),
      migrations: "ok all are applied",
    });

    await server.stop("SIGTERM");
    const stopped = await examine({ DATA_DIR: folder });
    expect(stopped).toMatchObject({ status: 0, findings: { database: expect.stringMatching(/^ok .+ not running/) } });
    expect(postgresRuns(folder)).toBe(false);
  });

  test("a folder that PostgreSQL cannot use fails, and names it", async () => {
    const closed = await newDataFolder();
    await chmod(closed, 0o500);
    const { status, findings } = await examine({ DATA_DIR: join(closed, "data") });
    expect(status).toBe(1);
    expect(findings.database).toMatch(`fail The data folder ${join(closed, "data")} cannot be used`);
  });

  test("data of another version fails with the way to carry it over", async () => {
    const folder = await newDataFolder();
    await writeFile(join(folder, "PG_VERSION"), "17\n");
    const { status, findings } = await examine({ DATA_DIR: folder });
    expect(status).toBe(1);
    expect(findings.database).toMatch(/^fail .+ holds data of PostgreSQL 17.+npm run export/);
  });

  test("a folder with files of others fails", async () => {
    const folder = await newDataFolder();
    await chmod(folder, 0o777);
    await writeFile(join(folder, "letter"), "");
    const { status, findings } = await examine({ DATA_DIR: folder });
    expect(status).toBe(1);
    expect(findings.database).toMatch(/^fail .+ holds other files \(letter\)/);
  });

  test("a wrong password for it, given as a database of one's own, fails with what to correct", async () => {
    const folder = await newDataFolder();
    const server = await startServer({ DATA_DIR: folder });
    const port = (await readFile(join(folder, "postmaster.pid"), "utf8")).split("\n")[3];
    const { status, text, findings } = await examine({
      DATABASE_URL: `postgres://conversation_graph:secret@127.0.0.1:${port}/conversation_graph`,
    });
    await server.stop("SIGTERM");
    expect(status).toBe(1);
    expect(findings.database).toMatch(/^fail DATABASE_URL: .+ Correct the user and the password\.$/);
    expect(text).not.toContain("secret");
  });
});
