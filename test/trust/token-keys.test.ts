import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { readConfig, SettingsError } from "../../src/config.ts";
import { type Claims, type Issuer, startIssuer, toClaims } from "../harness/issuer.ts";
import { readMetrics } from "../harness/metrics.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { create } from "../harness/writes.ts";
import { PATHS } from "./surface-paths.ts";

let issuer: Issuer;
let server: TestServer;
beforeAll(async () => {
  issuer = await startIssuer();
  await issuer.addKey("ES256");
  server = await startTestServer({ ...issuer.env, METRICS: "1" });
});
afterAll(async () => {
  await server.close();
  await issuer.close();
});

async function statuses(token: string, { origin } = server): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}` };
  return Promise.all(PATHS.map(async (path) => (await fetch(origin + path, { headers })).status));
}

const everywhere = (status: number) => PATHS.map(() => status);

async function startOther(env: Record<string, string>): Promise<TestServer> {
  const other = await startTestServer(env, server.url);
  onTestFinished(other.close);
  return other;
}

// These build on each other: what was read of the JWKS is known from then on.
test("a key that the issuer adds counts at once, and one that it takes away no longer than the next read", async () => {
  const first = await issuer.sign();
  expect(await statuses(first)).toEqual(everywhere(200));
  expect(issuer.reads()).toBe(1);
  await issuer.addKey("EdDSA");
  expect(await statuses(await issuer.sign())).toEqual(everywhere(200));
  expect(await statuses(first)).toEqual(everywhere(200));
  await issuer.addKey("PS256", true);
  expect(await statuses(await issuer.sign())).toEqual(everywhere(200));
  expect(await statuses(first)).toEqual(everywhere(401));
});

test.each(["error", "nonsense"] as const)(
  "while the JWKS gives %s, known keys go on, and an unknown one is 503, never 500",
  async (answer) => {
    const known = await issuer.sign({}, "key-3");
    issuer.answer = answer;
    await issuer.addKey("ES384");
    const unknown = await issuer.sign();
    expect(await statuses(unknown)).toEqual(everywhere(503));
    expect(await statuses(known)).toEqual(everywhere(200));
    expect(await statuses(await issuer.sign({ sub: "new" }, "key-3"))).toEqual(everywhere(200));
    const response = await fetch(server.origin + PATHS[1], { headers: { authorization: `Bearer ${unknown}` } });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  },
);

test("tokens with made-up key ids cost few reads of the JWKS, whoever sends how many", async () => {
  const before = issuer.reads();
  const tokens = await Promise.all(Array.from({ length: 50 }, () => issuer.addKey("ES256").then(() => issuer.sign())));
  for (const token of tokens) expect(await statuses(token)).toEqual(everywhere(503));
  expect(issuer.reads() - before).toBeLessThanOrEqual(5);
});

test("a server that starts while the JWKS is away answers tokens with 503, and never opens", async () => {
  issuer.answer = "error";
  const other = await startOther({ ...issuer.env, HOST: "127.1" });
  expect(await statuses(await issuer.sign(), other)).toEqual(everywhere(503));
  expect(await Promise.all(PATHS.map(async (path) => (await fetch(other.origin + path)).status))).toEqual(
    everywhere(401),
  );
  issuer.answer = "keys";
  expect(await statuses(await issuer.sign(), other)).toEqual(everywhere(200));
});

test("callers are counted by what they showed, and by what became of it", async () => {
  const access = async (credential: string, outcome: string) =>
    (await readMetrics(server.origin)).get(
      `conversation_graph_access_total{credential="${credential}",outcome="${outcome}"}`,
    ) ?? 0;
  const counts = () => Promise.all(["granted", "invalid", "expired"].map((outcome) => access("token", outcome)));
  const before = await counts();
  await statuses(await issuer.sign({ exp: 1 }, "key-3"));
  await statuses("nonsense");
  await statuses(await issuer.sign({}, "key-3"));
  expect(await counts()).toEqual(before.map((count) => count + PATHS.length));
  expect(await access("none", "missing")).toBe(0);
});

const SECRET = "0123456789abcdef0123456789abcdef";

async function secretFile(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "secret");
  await writeFile(file, content);
  return file;
}

/** A token of a backend that shares the secret. */
function signed(claims: Claims, secret = SECRET, alg = "HS256"): Promise<string> {
  return new SignJWT(toClaims(claims)).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

test("a backend signs its own tokens with a secret, of projects and users that their claims name", async () => {
  const env = { AUTH_JWT_SECRET_FILE: await secretFile(`${SECRET}\n`) };
  const other = await startOther({
    ...env,
    AUTH_USER_CLAIM: "user",
    AUTH_PROJECT_CLAIM: "https://claims.example/tenant",
  });
  const claims = { user: "ann", "https://claims.example/tenant": "new-project" };
  expect(await statuses(await signed(claims), other)).toEqual(everywhere(200));
  const headers = { authorization: `Bearer ${await signed(claims)}` };
  const conversationId = await create(other, {}, headers);
  expect((await fetch(`${other.origin}/openai/v1/conversations/${conversationId}`, { headers })).status).toBe(200);
  for (const project of ["no spaces", "", 7, undefined]) {
    const token = await signed({ ...claims, "https://claims.example/tenant": project });
    expect(await statuses(token, other)).toEqual(everywhere(401));
  }
  expect(await statuses(await signed(claims, `${SECRET}!`), other)).toEqual(everywhere(401));
  expect(await statuses(await signed(claims, SECRET.repeat(2), "HS512"), other)).toEqual(everywhere(401));
  expect(await statuses(await issuer.sign(claims), other)).toEqual(everywhere(401));
});

test("a subscription ends with the token, says so, and goes on with a new one", async () => {
  const token = await issuer.sign({ scope: "any" }, "key-3");
  const conversationId = await create(server, {}, { authorization: `Bearer ${token}` });
  // The clocks may be five seconds apart: it counts for a second or two.
  const brief = await issuer.sign({ exp: Math.floor(Date.now() / 1000) - 3 }, "key-3");
  const watching = await watch(server, { conversationId }, { authorization: `Bearer ${brief}` });
  const extensions = { code: "UNAUTHENTICATED", requestId: expect.any(String) };
  const errors = [{ message: "The token has expired.", extensions }];
  expect(JSON.parse(JSON.stringify(await watching.next()))).toEqual({ errors });
  expect(await watching.next()).toBeNull();
  expect(await statuses(brief)).toEqual(everywhere(401));
  const again = await watch(server, { conversationId, afterRevision: 0 }, { authorization: `Bearer ${token}` });
  again.leave();
});

test("settings that do not belong together, or lack something, are each a fault", async () => {
  const faults = (env: Record<string, string>) => {
    try {
      return readConfig(env) && [];
    } catch (error) {
      return error instanceof SettingsError ? error.faults.map((fault) => fault.split(":")[0]) : [String(error)];
    }
  };
  const url = "https://issuer.example/jwks.json";
  const full = { AUTH_JWKS_URL: url, AUTH_ISSUER: "i", AUTH_AUDIENCE: "a" };
  expect(faults(full)).toEqual([]);
  expect(faults({ AUTH_JWKS_URL: url })).toEqual([
    "AUTH_JWKS_URL needs AUTH_ISSUER beside it",
    "AUTH_JWKS_URL needs AUTH_AUDIENCE beside it",
  ]);
  expect(faults({ AUTH_WRITE_SCOPE: "w" })).toEqual([
    "AUTH_WRITE_SCOPE needs AUTH_JWKS_URL or AUTH_JWT_SECRET_FILE beside it",
  ]);
  const secret = { AUTH_JWT_SECRET_FILE: await secretFile(SECRET) };
  expect(faults({ ...full, ...secret })).toEqual(["AUTH_JWKS_URL and AUTH_JWT_SECRET_FILE exclude each other"]);
  expect(faults({ ...secret, AUTH_PROJECT: "p", AUTH_PROJECT_CLAIM: "c" })).toEqual([
    "AUTH_PROJECT and AUTH_PROJECT_CLAIM exclude each other",
  ]);
  expect(faults({ ...secret, AUTH_PROJECT: "no spaces" })[0]).toContain("AUTH_PROJECT is not 1 to 64 letters");
  expect(faults({ ...full, AUTH_JWKS_URL: "issuer" })[0]).toContain("AUTH_JWKS_URL is not a URL");
  const short = await secretFile(` ${SECRET.slice(1)}\n`);
  expect(faults({ AUTH_JWT_SECRET_FILE: short })[0]).toContain("secret has fewer than 32 bytes");
  expect(faults({ AUTH_JWT_SECRET_FILE: "/no/such" })[0]).toContain("AUTH_JWT_SECRET_FILE names a file that cannot be");
});
