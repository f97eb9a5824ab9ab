import { createServer } from "node:net";

import { afterEach, describe, expect, test } from "vitest";

import type { PullValues } from "../../src/commands/pull/pull-settings.ts";
import { runProgram, startProgram } from "../harness/program.ts";
import { openSource } from "./open-source.ts";
import { foundryError, type Reply, type StandIn, startStandIn } from "./stand-in.ts";

/** What fails before anything came fails before the database is looked for: this one does not exist. */
const NO_DATABASE = { DATABASE_URL: "postgres://127.0.0.1:1/none" };

const FOUNDRY: PullValues = { from: "foundry" };
const FIXIE: PullValues = { from: "fixie", agent: "desk" };
const KEY = { key: "s3cret-key" };

let service: StandIn | undefined;

afterEach(async () => {
  await service?.close();
  service = undefined;
});

/** The message that it fails with. */
async function failureOf(values: PullValues): Promise<string> {
  const error = await openSource(values).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error("It was expected to fail.");
  return error.message;
}

/** What is said of a service that answers everything like that, with its address as ORIGIN. */
async function sayingOf(reply: Reply, values: PullValues): Promise<string> {
  service = await startStandIn(() => reply);
  return (await failureOf({ ...values, url: service.origin })).replaceAll(service.origin, "ORIGIN");
}

const ASKED_FOUNDRY = "GET ORIGIN/openai/v1/conversations";
const ASKED_FIXIE = "GET ORIGIN/api/v1/agents/desk/conversations";
const html = { headers: { "content-type": "text/html" }, body: "<h1>Welcome</h1>" };

describe("one line says what is wrong:", () => {
  test.each<[what: string, reply: Reply, values: PullValues, line: string]>([
    [
      "a refused key, which the service quotes",
      foundryError(401, "invalid_api_key", "Incorrect API key provided: s3cret-key."),
      { ...FOUNDRY, ...KEY },
      `${ASKED_FOUNDRY}: 401 Incorrect API key provided: …. (--key-file or --key gives the key)`,
    ],
    [
      "no key where one is needed",
      { status: 403, body: { title: "Forbidden", detail: "Ask somebody." } },
      FIXIE,
      `${ASKED_FIXIE}: 403 Ask somebody. (no key was given: --key-file or --key)`,
    ],
    [
      "an unknown address or agent",
      { status: 404, headers: { "content-type": "text/plain" }, body: "No such agent\n" },
      FIXIE,
      `${ASKED_FIXIE}: 404 No such agent (are --url and --agent right?)`,
    ],
    [
      "another refusal",
      foundryError(400, null, "Unsupported api-version."),
      FOUNDRY,
      `${ASKED_FOUNDRY}: 400 Unsupported api-version.`,
    ],
    [
      "a redirect, which would carry the key away",
      { status: 308, headers: { location: "https://other.example/?k=s3cret-key" }, body: "" },
      { ...FIXIE, ...KEY },
      `${ASKED_FIXIE}: 308 Permanent Redirect (it points to https://other.example/?k=…: is that the --url?)`,
    ],
    ["a web page", html, FOUNDRY, `${ASKED_FOUNDRY}: the answer is not JSON but text/html. Is --url right?`],
    ["other JSON", { body: [] }, FOUNDRY, "The answer is not Foundry's list {data, has_more}: is --url right?"],
    [
      "Fixie's list for Foundry's",
      { body: { conversations: [], pageInfo: {} } },
      FOUNDRY,
      "The answer is not Foundry's list {data, has_more}: this looks like Fixie's: use --from fixie",
    ],
    [
      "Foundry's list for Fixie's",
      { body: { data: [], has_more: false } },
      FIXIE,
      "The answer is not Fixie's list {conversations, pageInfo}: this looks like Foundry's: use --from foundry",
    ],
    ["silence", "silence", { ...FIXIE, timeout: "1" }, `${ASKED_FIXIE}: no answer within 1 s`],
    [
      "a request to wait for longer than anybody would",
      { status: 429, headers: { "retry-after": "86400" }, body: { error: { message: "Quota used up." } } },
      FOUNDRY,
      `${ASKED_FOUNDRY}: 429 Quota used up. (it asks to wait 86400 s)`,
    ],
  ])("%s", async (_what, reply, values, line) => {
    expect(await sayingOf(reply, values)).toBe(line);
  });

  test("nobody who listens", async () => {
    const port = await freePort();
    expect(await failureOf({ ...FOUNDRY, url: `http://127.0.0.1:${port}` })).toMatch(
      /^GET http:\S+\/openai\/v1\/conversations: no connection: .*ECONNREFUSED/,
    );
  });

  test("a name that does not exist", async () => {
    const message = await failureOf({ ...FIXIE, url: "http://no-such-host.invalid" });
    expect(message).toMatch(/no-such-host\.invalid\/\S+: no connection: .*(ENOTFOUND|EAI_AGAIN)/);
  });

  test("no TLS where https was asked for", async () => {
    service = await startStandIn(() => html);
    const message = await failureOf({ ...FOUNDRY, url: service.origin.replace("http:", "https:") });
    expect(message).toMatch(/: no connection: .*SSL/);
  });
});

/** A port without a listener. */
async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (address === null || typeof address === "string") throw new Error("There is no port.");
  return address.port;
}

describe("the address is taken in the forms that people have it in:", () => {
  test.each<[values: PullValues, path: string, asked: string]>([
    [FOUNDRY, "", "/openai/v1/conversations?limit=100&order=asc"],
    [FOUNDRY, "/api/projects/p", "/api/projects/p/openai/v1/conversations?limit=100&order=asc"],
    [FOUNDRY, "/openai/v1/conversations/", "/openai/v1/conversations?limit=100&order=asc"],
    [
      { ...FOUNDRY, agent: "desk:2" },
      "/openai?api-version=2025-04-01-preview",
      "/openai/conversations?api-version=2025-04-01-preview&limit=100&order=asc&agent_id=desk%3A2",
    ],
    [{ ...FOUNDRY, agent: "desk" }, "/v1", "/v1/conversations?limit=100&order=asc&agent_name=desk"],
    [FIXIE, "/", "/api/v1/agents/desk/conversations?offset=0&limit=20"],
    [FIXIE, "/base/api/v1/?tenant=1", "/base/api/v1/agents/desk/conversations?tenant=1&offset=0&limit=20"],
    [{ from: "fixie", agent: "team/desk:2" }, "", "/api/v1/agents/team%2Fdesk%3A2/conversations?offset=0&limit=20"],
  ])("%j %s", async (values, path, asked) => {
    service = await startStandIn(() => foundryError(400, null, "no"));
    await failureOf({ ...values, url: `${service.origin}${path}` });
    expect(service.asked).toEqual([asked]);
  });
});

describe("the key goes where the service looks for it, and nothing else that might tell who asks:", () => {
  const token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln";
  test.each<[values: PullValues, header: string, value: string]>([
    [{ ...FOUNDRY, key: "s3cret" }, "api-key", "s3cret"],
    [{ ...FOUNDRY, key: token }, "authorization", `Bearer ${token}`],
    [{ ...FIXIE, key: "s3cret" }, "authorization", "Bearer s3cret"],
    [{ ...FOUNDRY, "isolation-key": "anna" }, "x-ms-user-isolation-key", "anna"],
    [{ ...FIXIE, "isolation-key": "anna" }, "x-ms-user-isolation-key", "anna"],
  ])("%j", async (values, header, value) => {
    const seen: object[] = [];
    service = await startStandIn(({ headers }) => {
      seen.push(
        Object.fromEntries(Object.entries(headers).filter(([name]) => /auth|key|user-i|openai|stain/.test(name))),
      );
      return foundryError(400, null, "no");
    });
    await failureOf({ ...values, url: service.origin });
    expect(seen).toEqual([{ [header]: value }]);
  });
});

describe("a wrong value names its option:", () => {
  const url = "http://127.0.0.1";
  test.each<[values: PullValues, option: string]>([
    [{ url }, "--from"],
    [{ from: "openai", url }, "--from"],
    [{ from: "fixie", url }, "--agent"],
    [{ from: "foundry" }, "--url"],
    [{ from: "foundry", url: "ftp://127.0.0.1" }, "--url"],
    [{ from: "foundry", url: "http://me:secret@127.0.0.1" }, "--url"],
    [{ from: "foundry", url, key: "a", "key-file": "b" }, "--key"],
    [{ from: "foundry", url, key: "se cret" }, "--key"],
    [{ from: "foundry", url, "isolation-key": "a\tb" }, "--isolation-key"],
    [{ from: "foundry", url, "isolation-key": " a" }, "--isolation-key"],
    [{ from: "foundry", url, timeout: "0" }, "--timeout"],
    [{ ...FIXIE, url, "skip-known": true }, "--skip-known"],
    [{ ...FIXIE, url, "key-file": "no/such.key" }, "--key-file"],
  ])("%j", async (values, option) => {
    const message = await failureOf(values);
    expect(message).toMatch(new RegExp(`^${option}\\b`));
    expect(message).not.toContain("cret");
  });
});

describe("the program", () => {
  test("ends with status 2 for a command line that cannot be understood", async () => {
    const outcome = await runProgram(["pull", "--from", "fixie"], NO_DATABASE);
    expect(outcome).toMatchObject({ status: 2, stdout: "" });
    expect(outcome.stderr).toMatch(/^--url /);
  });

  test("ends with status 1 and one line for a service that refuses", async () => {
    service = await startStandIn(() => foundryError(401, null, "No."));
    const outcome = await runProgram(["pull", "--from", "foundry", "--url", service.origin], NO_DATABASE);
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.stderr).toMatch(/^GET \S+ 401 No\. [^\n]*\n$/);
  });

  test("ends when it is interrupted while the service does not answer", async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    service = await startStandIn(() => {
      resolve();
      return "silence";
    });
    const args = ["pull", "--from", "fixie", "--agent", "desk", "--url", service.origin];
    const running = startProgram(args, NO_DATABASE);
    await asked;
    running.process.kill("SIGINT");
    expect(await running.outcome).toEqual({ status: 130, stdout: "", stderr: "" });
  });
});
