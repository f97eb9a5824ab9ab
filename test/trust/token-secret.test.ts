import { expect, onTestFinished, test } from "vitest";

import { readConfig, SettingsError } from "../../src/config.ts";
import { startIssuer } from "../harness/issuer.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { SECRET, secretFile, signWithSecret } from "../harness/token-secret.ts";
import { create } from "../harness/writes.ts";
import { PATHS } from "./surface-paths.ts";

async function statuses(token: string, { origin }: TestServer): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}` };
  return Promise.all(PATHS.map(async (path) => (await fetch(origin + path, { headers })).status));
}

const everywhere = (status: number) => PATHS.map(() => status);

test("a backend signs its own tokens with a secret, of projects and users that their claims name", async () => {
  const env = { AUTH_JWT_SECRET_FILE: await secretFile(`${SECRET}\n`) };
  const other = await startTestServer({
    ...env,
    AUTH_USER_CLAIM: "user",
    AUTH_PROJECT_CLAIM: "https://claims.example/tenant",
  });
  onTestFinished(other.close);
  const claims = { user: "ann", "https://claims.example/tenant": "new-project" };
  expect(await statuses(await signWithSecret(claims), other)).toEqual(everywhere(200));
  const headers = { authorization: `Bearer ${await signWithSecret(claims)}` };
  const conversationId = await create(other, {}, headers);
  expect((await fetch(`${other.origin}/openai/v1/conversations/${conversationId}`, { headers })).status).toBe(200);
  for (const project of ["no spaces", "", 7, undefined]) {
    const token = await signWithSecret({ ...claims, "https://claims.example/tenant": project });
    expect(await statuses(token, other)).toEqual(everywhere(401));
  }
  expect(await statuses(await signWithSecret(claims, `${SECRET}!`), other)).toEqual(everywhere(401));
  expect(await statuses(await signWithSecret(claims, SECRET.repeat(2), "HS512"), other)).toEqual(everywhere(401));
  const issuer = await startIssuer();
  onTestFinished(issuer.close);
  await issuer.addKey("RS256");
  expect(await statuses(await issuer.sign(claims), other)).toEqual(everywhere(401));
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
