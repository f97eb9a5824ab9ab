import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";

import { examineNode } from "../../src/commands/doctor/node-version.ts";
import { createKey, listKeys, revokeKey } from "../../src/store/keys/keys.ts";
import { databaseUrl, withAdmin } from "../harness/admin.ts";
import { connectTo } from "../harness/connect.ts";
import { newDataFolder, postgresRuns } from "../harness/data-folder.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { runProgram, startServer } from "../harness/program.ts";

interface Report {
  status: number | null;
  stderr: string;
  text: string;
  /** `level text` of each line, by its subject; those of one subject in one. */
  findings: Record<string, string>;
}

/** What the doctor says of a setup with these settings, and a port that is free. */
async function examine(env: Record<string, string>): Promise<Report> {
  const { status, stdout, stderr } = await runProgram(["doctor"], { PORT: "0", ...env });
  const findings: Record<string, string> = {};
  for (const line of stdout.trimEnd().split("\n")) {
    const [, level, subject = "", text] = /^(ok|warn|fail) +(\S+) +(.+)$/.exec(line) ?? [];
    findings[subject] = [findings[subject], `${level} ${text}`].filter((part) => part !== undefined).join("\n");
  }
  return { status, stderr, text: stdout, findings };
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const healthy = () => ({ DATABASE_URL: database.url });

test("a setup that is right is ok in every line", async () => {
  const { status, stderr, findings } = await examine(healthy());
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(Object.keys(findings)).toEqual([
    "Node",
    "settings",
    "port",
    "retention",
    "database",
    "letters",
    "migrations",
    "keys",
  ]);
  for (const finding of Object.values(findings)) expect(finding).toMatch(/^ok /);
});

test("every fault of the settings has a line, and passwords are not repeated", async () => {
  const env = { PORT: "65536", MIGRATE: "maybe", DATABASE_URL: "mysql://root:secret@localhost/db" };
  const { status, text, findings } = await examine(env);
  expect(status).toBe(1);
  expect(findings.Node).toMatch(/^ok /);
  expect(findings.settings?.match(/^fail \w+/gm)).toEqual(["fail PORT", "fail DATABASE_URL", "fail MIGRATE"]);
  expect(text).not.toContain("secret");
});

test("a name that is close to a setting's is warned of, and no other", async () => {
  const others = { HOME: "/root", HOSTNAME: "a", PGHOST: "b", NODE_ENV: "test", DATABASE: "c", LOG_FORMAT: "json" };
  const misspelt = {
    CORS_ORIGIN: "https://a.example",
    GRAPHQL: "0",
    port: "1",
    DATABASE_URI: "postgres://a",
    MAX_ALIAS: "3",
  };
  const { status, findings } = await examine({ ...healthy(), ...others, ...misspelt });
  expect(status).toBe(0);
  const warned = [...(findings.settings ?? "").matchAll(/^warn (\w+) .* did you mean (\w+)\?$/gm)].map(
    ([, ...names]) => names,
  );
  expect(warned.sort()).toEqual([
    ["CORS_ORIGIN", "CORS_ORIGINS"],
    ["DATABASE_URI", "DATABASE_URL"],
    ["GRAPHQL", "GRAPHIQL"],
    ["MAX_ALIAS", "MAX_ALIASES"],
    ["port", "PORT"],
  ]);
});

test("a version of Node that is too old fails", () => {
  expect(examineNode("20.20.1")).toMatchObject({ level: "fail", text: expect.stringContaining("npm install") });
  expect(examineNode("24.0.0")).toMatchObject({ level: "ok" });
});

test("a port that another program holds fails", async () => {
  const other = createServer((socket) => socket.end("no HTTP\n")).listen(0, "127.0.0.1");
  onTestFinished(() => {
    other.close();
  });
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { status, findings } = await examine({ ...healthy(), PORT: String(port) });
  expect(status).toBe(1);
  expect(findings.port).toMatch(new RegExp(`^fail PORT ${port} is taken on 127.0.0.1\\..+set PORT`));
});

test("an address that this machine does not have fails", async () => {
  const { status, findings } = await examine({ ...healthy(), HOST: "192.0.2.1", PORT: "4000" });
  expect(status).toBe(1);
  expect(findings.port).toMatch(/^fail HOST 192.0.2.1 is not an address of this machine/);
});

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

describe("a database that cannot be reached fails with what to do", () => {
  test.each([
    ["nobody listens", () => "postgres://a:secret@127.0.0.1:1/db", "Start PostgreSQL there"],
    ["there is no such database", () => databaseUrl(inject("clusterUrl"), "missing_database"), "Create the database"],
    ["there is no such host", () => "postgres://a:secret@host.invalid/db", "Correct the host"],
  ])("%s", async (_what, url, advice) => {
    const { status, text, findings } = await examine({ DATABASE_URL: url() });
    expect(status).toBe(1);
    expect(findings.database).toMatch(/^fail DATABASE_URL: no connection to the database at /);
    expect(findings.database).toContain(advice);
    expect(Object.keys(findings)).not.toContain("migrations");
    expect(text).not.toContain("secret");
  });
});

describe("a database without migrations", () => {
  let empty: TestDatabase;
  beforeAll(async () => {
    empty = await createDatabase({ migrated: false });
  });
  afterAll(() => empty.drop());

  test("is a warning where the next start applies them, and is left without them", async () => {
    for (const _again of [1, 2]) {
      const { status, findings } = await examine({ DATABASE_URL: empty.url });
      expect(status).toBe(0);
      expect(findings.migrations).toMatch(/^warn \d+ are missing; the next start applies them$/);
    }
  });

  test("fails where nothing applies them", async () => {
    const { status, findings } = await examine({ DATABASE_URL: empty.url, MIGRATE: "0" });
    expect(status).toBe(1);
    expect(findings.migrations).toMatch(/^fail .+npm run migrate/);
  });

  test("fails where the user may not apply them", async () => {
    const user = `doctor_${randomBytes(4).toString("hex")}`;
    const asAdmin = (statement: string) => withAdmin(inject("clusterUrl"), (admin) => admin.unsafe(statement));
    await asAdmin(`CREATE ROLE ${user} LOGIN PASSWORD 'secret'`);
    onTestFinished(async () => {
      await asAdmin(`DROP ROLE ${user}`);
    });
    const url = new URL(empty.url);
    Object.assign(url, { username: user, password: "secret" });
    const { status, findings } = await examine({ DATABASE_URL: url.href });
    expect(status).toBe(1);
    expect(findings.migrations).toMatch(/^fail .+ may not apply them\. Grant it CREATE/);
  });
});

test.each([
  ["SQL_ASCII", 1, /^fail the encoding is SQL_ASCII/],
  ["UTF8", 0, /^ok UTF8/],
])("a database of the locale C in %s ends with %i", async (encoding, status, finding) => {
  const name = `test_${randomBytes(8).toString("hex")}`;
  const asAdmin = (statement: string) => withAdmin(inject("clusterUrl"), (admin) => admin.unsafe(statement));
  await asAdmin(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0`);
  onTestFinished(async () => {
    await asAdmin(`DROP DATABASE ${name} WITH (FORCE)`);
  });
  const report = await examine({ DATABASE_URL: databaseUrl(inject("clusterUrl"), name) });
  expect(report.status).toBe(status);
  expect(report.findings.letters).toMatch(finding);
});

test("keys are asked for where others can reach the server, and missed when all are revoked", async () => {
  const own = await createDatabase();
  const store = connectTo(own.url);
  onTestFinished(async () => {
    await store.close();
    await own.drop();
  });
  const env = { DATABASE_URL: own.url, HOST: "0.0.0.0" };
  const none = await examine(env);
  expect(none.status).toBe(1);
  expect(none.findings.keys).toMatch(/^fail HOST 0.0.0.0 .+npm run keys -- create/);

  const file = join(await newDataFolder(), "key");
  await writeFile(file, `cg_${"a".repeat(43)}`);
  expect(await examine({ ...env, INITIAL_KEY_FILE: file })).toMatchObject({ status: 0 });

  await createKey(store, "default", "project", null);
  expect((await examine(env)).findings.keys).toBe("ok 1 of 1 are valid");
  for (const { id } of await listKeys(store)) await revokeKey(store, id);
  expect((await examine(env)).findings.keys).toMatch(/^warn all 1 are revoked/);
});

test("replicas and a listening address that cannot be used are warnings", async () => {
  const { status, findings } = await examine({
    ...healthy(),
    DATABASE_REPLICA_URLS: `postgres://a:secret@127.0.0.1:1/db,${database.url}`,
    DATABASE_LISTEN_URL: "postgres://a:secret@127.0.0.1:1/db",
  });
  expect(status).toBe(0);
  expect(findings.replica).toMatch(/^warn 127.0.0.1:1 does not answer.+\nwarn \S+ is no replica of this database/);
  expect(findings.listening).toMatch(/^warn DATABASE_LISTEN_URL: no connection/);
});
