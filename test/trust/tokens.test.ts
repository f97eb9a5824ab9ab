import { sql } from "drizzle-orm";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store } from "../harness/conversations.ts";
import { AUDIENCE, type Claims, type Issuer, nowInSeconds, startIssuer, toClaims } from "../harness/issuer.ts";
import { postJson } from "../harness/marked-requests.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { everywhere, seenEverywhere } from "../harness/surfaces.ts";
import { create } from "../harness/writes.ts";

const ISOLATION = "x-ms-user-isolation-key";
const SCOPED = { AUTH_WRITE_SCOPE: "conversations:write" };

let issuer: Issuer;
let server: TestServer;
beforeAll(async () => {
  issuer = await startIssuer();
  await issuer.addKey("ES256");
  await issuer.addKey("RS256");
  server = await startTestServer({ ...issuer.env, ...SCOPED });
  const agent = { name: "a", version: null };
  const owners = { c1: "alice", c2: "bob", c3: null };
  const records = Object.entries(owners).map(([id, isolationKey]) => conversation(id, { isolationKey, agent }));
  await store(server.database, records, "shop");
});
afterAll(async () => {
  await server.close();
  await issuer.close();
});

const seenWith = (...lines: string[]) => seenEverywhere(server.origin, lines);
const refused = (message: string) => everywhere(401, { message, argument: null });
const bearer = (token: string) => `authorization: Bearer ${token}`;

describe("what a token opens, on every surface alike", () => {
  test.each(["key-1", "key-2"])("one user of the project, with or without a header that says so: %s", async (kid) => {
    const token = await issuer.sign({}, kid);
    expect(await seenWith(bearer(token))).toEqual(everywhere(200, ["c1"]));
    expect(await seenWith(bearer(token), `${ISOLATION}: alice`)).toEqual(everywhere(200, ["c1"]));
    expect(await seenWith(`api-key: ${token}`)).toEqual(everywhere(200, ["c1"]));
    expect(await seenWith(bearer(await issuer.sign({ sub: "nobody" }, kid)))).toEqual(everywhere(200, []));
  });

  test("nothing under another user's name", async () => {
    const message = `The header ${ISOLATION} names another user than the caller's own.`;
    const seen = await seenWith(bearer(await issuer.sign()), `${ISOLATION}: bob`);
    expect(seen).toEqual(everywhere(403, { message, argument: ISOLATION }));
    const empty = await seenWith(bearer(await issuer.sign()), `${ISOLATION}: `);
    expect(empty).toEqual(everywhere(400, { message: expect.any(String), argument: ISOLATION }));
  });

  test("writes with the scope, under the user; without it reads alone", async () => {
    const headers = async (claims: Claims) => ({ authorization: `Bearer ${await issuer.sign(claims)}` });
    const path = `${server.origin}/openai/v1/conversations/c1`;
    for (const scopes of [{ scope: "openid conversations:write" }, { scp: ["conversations:write"] }]) {
      const id = await create(server, {}, await headers({ ...scopes, sub: "writer" }));
      const [row] = await server.database.rows(sql`SELECT isolation_key AS user FROM conversations WHERE id = ${id}`);
      expect(row).toEqual({ user: "writer" });
    }
    for (const scopes of [{}, { scope: "conversations:writer" }, { scope: 1 }, { scp: [{}] }]) {
      expect((await fetch(path, { method: "DELETE", headers: await headers(scopes) })).status).toBe(403);
      expect((await fetch(path, { headers: await headers(scopes) })).status).toBe(200);
    }
  });

  test("keys go on beside tokens, and what is neither is refused: the server is never open", async () => {
    const key = await createKey(server.database, "shop", "project", null);
    await vi.waitFor(async () =>
      expect(await seenWith(`api-key: ${key}`)).toEqual(everywhere(200, ["c3", "c2", "c1"])),
    );
    const needed = "A key or a token is needed: `Authorization: Bearer KEY`, or `api-key: KEY`.";
    expect(await seenWith()).toEqual(refused(needed));
    expect(await seenWith(bearer(key.slice(0, -1)))).toEqual(refused("The key is not valid."));
    expect(await seenWith(bearer(await issuer.sign()), `api-key: ${key}`)).toEqual(refused("The key is not valid."));
  });
});

const badClaim = (name: string) => `The token is not valid: its claim ${name} is not what is asked for.`;
const INVALID = "The token is not valid.";

describe("a token is refused with 401 that names the claim:", () => {
  test.each([
    ["expired", () => ({ exp: nowInSeconds() - 6 }), "The token has expired."],
    ["without an end", () => ({ exp: undefined }), badClaim("exp")],
    ["an end that is no number", () => ({ exp: "soon" as never }), badClaim("exp")],
    ["not valid yet", () => ({ nbf: nowInSeconds() + 60 }), badClaim("nbf")],
    ["of another issuer", () => ({ iss: "https://other.example/" }), badClaim("iss")],
    ["without an issuer", () => ({ iss: undefined }), badClaim("iss")],
    ["for another service", () => ({ aud: ["other", "more"] }), badClaim("aud")],
    ["without a user", () => ({ sub: undefined }), `${INVALID.slice(0, -1)}: its claim sub must be a text.`],
    ["a user that is no text", () => ({ sub: 7 as never }), `${INVALID.slice(0, -1)}: its claim sub must be a text.`],
    ["an empty user", () => ({ sub: "" }), `${INVALID.slice(0, -1)}: its claim sub must not be empty.`],
    ["a user that is too long", () => ({ sub: "é".repeat(129) }), expect.stringContaining("256 bytes")],
    ["a user with control characters", () => ({ sub: "a\nb" }), expect.stringContaining("control characters")],
  ] satisfies [string, () => Claims, string][])("%s", async (_what, claims, message) => {
    expect(await seenWith(bearer(await issuer.sign(claims())))).toEqual(refused(message));
  });

  test("and accepted where the clocks differ by few seconds, and among several audiences", async () => {
    const claims = { exp: nowInSeconds() - 1, nbf: nowInSeconds() + 3, aud: ["other", AUDIENCE] };
    expect(await seenWith(bearer(await issuer.sign(claims)))).toEqual(everywhere(200, ["c1"]));
  });
});

describe("and with no more than that it is not valid:", () => {
  const changed = async (change: (parts: string[]) => string[]) => change((await issuer.sign()).split(".")).join(".");
  const jwks = async () => JSON.stringify(await (await fetch(issuer.env.AUTH_JWKS_URL ?? "")).json());
  test.each([
    ["unsigned", async () => new UnsecuredJWT(toClaims({})).encode()],
    [
      "signed with the public keys as a secret",
      async () =>
        new SignJWT(toClaims({}))
          .setProtectedHeader({ alg: "HS256", kid: "key-2" })
          .sign(new TextEncoder().encode(await jwks())),
    ],
    ["other claims", () => changed(([head = "", , end = ""]) => [head, encode(toClaims({ sub: "bob" })), end])],
    ["a signature that is cut", () => changed((parts) => [...parts.slice(0, 2), (parts[2] ?? "").slice(4)])],
    ["without a signature", () => changed((parts) => [...parts.slice(0, 2), ""])],
    ["another key's id", () => changed(([, ...rest]) => [encode({ alg: "RS256", kid: "key-1" }), ...rest])],
    ["a critical extension", () => changed(([, ...rest]) => [encode({ alg: "RS256", crit: ["x"], x: 1 }), ...rest])],
    ["encrypted", async () => "a.b.c.d.e"],
    ["no token", async () => "whatever"],
    ["too long", () => issuer.sign({ more: "x".repeat(8192) } as Claims)],
  ])("%s", async (_what, make) => {
    expect(await seenWith(bearer(await make()))).toEqual(refused(INVALID));
  });

  test("refused before its body is looked at, in GraphQL's words", async () => {
    const { headers, ...rest } = postJson("{ nonsense");
    const sent = { ...rest, headers: { ...headers, authorization: "Bearer whatever" } };
    const response = await fetch(`${server.origin}/graphql`, sent);
    const extensions = { code: "UNAUTHENTICATED", requestId: expect.any(String) };
    expect([response.status, await response.json()]).toEqual([401, { errors: [{ message: INVALID, extensions }] }]);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
  });
});

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
