import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, inject, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { newDataFolder } from "../harness/data-folder.ts";
import { createDatabase } from "../harness/database.ts";
import { runProgram, startServer } from "../harness/program.ts";

test("every fault of the settings is listed at once, each under its variable", async () => {
  const { status, stdout, stderr } = await runProgram(["serve"], {
    PORT: "65536",
    DATABASE_URL: "mysql://root:secret@localhost/db",
    MIGRATE: "maybe",
    LOG_LEVEL: "loud",
    CORS_ORIGINS: "*",
    DATA_DIR: "",
    INITIAL_KEY_FILE: "/no/such/key",
    METRICS: "maybe",
    PERSISTED_DOCUMENTS: "/no/such/documents.json",
    OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
    OTEL_TRACES_SAMPLER: "sometimes",
    OTEL_TRACES_SAMPLER_ARG: "2",
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  const variables = stderr
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ")[0]);
  expect(variables.sort()).toEqual([
    "CORS_ORIGINS",
    "DATABASE_URL",
    "DATA_DIR",
    "INITIAL_KEY_FILE",
    "LOG_LEVEL",
    "METRICS",
    "MIGRATE",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "PERSISTED_DOCUMENTS",
    "PORT",
  ]);
  expect(stderr).not.toContain("secret");
});

test("PERSISTED_DOCUMENTS is a JSON file of texts, and what stands beside it needs it", async () => {
  const faults = (env: Record<string, string>) => {
    try {
      return readConfig(env).persistedDocuments;
    } catch (error) {
      return String(error);
    }
  };
  const file = join(await newDataFolder(), "documents.json");
  for (const [text, expected] of [
    ['{"id":"{ __typename }"}', new Map([["id", "{ __typename }"]])],
    ['{"id":1}', expect.stringContaining(`PERSISTED_DOCUMENTS names a file that is no JSON object of texts: ${file}`)],
    ["{", expect.stringContaining("PERSISTED_DOCUMENTS names a file that cannot be read as JSON")],
  ] as const) {
    await writeFile(file, text);
    expect(faults({ PERSISTED_DOCUMENTS: file })).toEqual(expected);
  }
  expect(faults({ PERSISTED_DOCUMENTS_ONLY: "1" })).toContain("PERSISTED_DOCUMENTS_ONLY needs PERSISTED_DOCUMENTS");
  expect(faults({ PERSISTED_DOCUMENTS_ONLY: "0" })).toBeUndefined();
});

test("an address that others can reach is refused while there is no key", async () => {
  const outcome = await runProgram(["serve"], { DATA_DIR: await newDataFolder(), HOST: "0.0.0.0", PORT: "0" });
  expect(outcome).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("HOST 0.0.0.0") });
});

test.each([
  ["nobody listens there", () => "postgres://someone:secret@127.0.0.1:1/db"],
  ["nobody listens on any of its hosts", () => "postgres://someone:secret@127.0.0.1:1,127.0.0.1:2/db"],
  ["there is no such database", () => `${inject("clusterUrl").replace(/\/[^/]*$/, "")}/missing_database`],
])("DATABASE_URL where %s is an error without the password", async (_, url) => {
  const { status, stderr } = await runProgram(["serve"], { DATABASE_URL: url(), PORT: "0" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^DATABASE_URL: no connection to the database at \S+: .+\n$/);
  expect(stderr).not.toContain("secret");
});

test.each(["DATABASE_URL", "DATABASE_LISTEN_URL"])(
  "%s may name several hosts, and asks for no standby",
  async (name) => {
    const fault = async (url: string) =>
      (await runProgram(["serve"], { DATABASE_URL: "postgres://127.0.0.1:1/db", [name]: url, PORT: "65536" })).stderr;
    for (const url of ["postgres://a,b/db", "postgres://u:secret@a:1,b:2/db?target_session_attrs=read-write"]) {
      expect(await fault(url)).toBe('PORT is not a whole number from 0 to 65535: "65536"\n');
    }
    expect(await fault("postgres://u:secret@a,/db")).toMatch(new RegExp(`^${name} is not a URL such as \\S+$`, "m"));
    expect(await fault("postgres://u:secret@a,b/db?target_session_attrs=any")).toContain(
      `${name} has a target_session_attrs other than primary and read-write\n`,
    );
  },
);

test("with DATABASE_URL there are no samples, and MIGRATE=0 serves a database that is not migrated", async () => {
  const { url, drop } = await createDatabase({ migrated: false });
  try {
    const server = await startServer({ DATABASE_URL: url, MIGRATE: "0" });
    const command = await runProgram(["seed", "--conversations", "1"], { DATABASE_URL: url, MIGRATE: "0" });
    expect(command).toMatchObject({ status: 1, stderr: expect.stringContaining("npm run migrate") });
    expect(await runProgram(["migrate"], { DATABASE_URL: url })).toMatchObject({ status: 0 });
    expect(await server.stop("SIGTERM")).toMatchObject({ status: 0 });
  } finally {
    await drop();
  }
});

test("data of another PostgreSQL version is refused with the way to carry it over", async () => {
  const folder = await newDataFolder();
  await writeFile(join(folder, "PG_VERSION"), "17\n");
  const { status, stderr } = await runProgram(["serve"], { DATA_DIR: folder, PORT: "0" });
  expect(status).toBe(1);
  for (const part of [folder, "PostgreSQL 17", "npm run export", "npm run import"]) expect(stderr).toContain(part);
});

test("a data folder with other files in it is refused and left as it is", async () => {
  const folder = join(await newDataFolder(), "full");
  await mkdir(join(folder, "letters"), { recursive: true });
  const { status, stderr } = await runProgram(["serve"], { DATA_DIR: folder, PORT: "0" });
  expect(status).toBe(1);
  expect(stderr).toContain(folder);
});

test.skipIf(process.platform !== "linux")("a data folder that cannot be had is an error that names it", async () => {
  const { status, stderr } = await runProgram(["serve"], { DATA_DIR: "/proc/conversations", PORT: "0" });
  expect(status).toBe(1);
  expect(stderr).toContain("/proc/conversations");
});
