import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";

import { examineNode } from "../../src/commands/doctor/node-version.ts";
import { createKey, listKeys, revokeKey } from "../../src/store/keys/keys.ts";
import { databaseUrl, withAdmin } from "../harness/admin.ts";
import { connectTo } from "../harness/connect.ts";
import { newDataFolder } from "../harness/data-folder.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { examine } from "../harness/examine.ts";
import { testOnOneMachine } from "../harness/one-machine.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const healthy = () => ({ DATABASE_URL: database.url });

// The lines of a cluster are in test/distributed.
testOnOneMachine("a setup that is right is ok in every line", async () => {
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
    "stored",
  ]);
  expect(findings.stored).toMatch(
    /^ok about 0 conversations and 0 turns, 0 of them in progress; nothing was appended yet$/,
  );
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

// A distributed database has none.
testOnOneMachine("replicas and a listening address that cannot be used are warnings", async () => {
  const { status, findings } = await examine({
    ...healthy(),
    DATABASE_REPLICA_URLS: `postgres://a:secret@127.0.0.1:1/db,${database.url}`,
    DATABASE_LISTEN_URL: "postgres://a:secret@127.0.0.1:1/db",
  });
  expect(status).toBe(0);
  expect(findings.replica).toMatch(/^warn 127.0.0.1:1 does not answer.+\nwarn \S+ is no replica of this database/);
  expect(findings.listening).toMatch(/^warn DATABASE_LISTEN_URL: no connection/);
});
