import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

const ISSUER = "https://issuer.example/";
export const AUDIENCE = "conversations";

/** An issuer of tokens with a JWKS on this machine. */
export interface Issuer {
  /** The settings of a server that takes its tokens. */
  env: Record<string, string>;
  /** Makes a key pair, which the JWKS has from now on, alone or beside the others. Resolves to its id. */
  addKey(alg: string, only?: boolean): Promise<string>;
  /** A token with these claims beside those that the server asks for; undefined leaves one out. Signed with the last key. */
  sign(claims?: Claims, kid?: string): Promise<string>;
  /** The number of times that the JWKS was asked for. */
  reads(): number;
  /** What the JWKS is answered with: as it should be, 500, or text that is none. */
  answer: "keys" | "error" | "nonsense";
  close(): Promise<void>;
}

export type Claims = { [Name in keyof JWTPayload]: JWTPayload[Name] | undefined };

/** Seconds since 1970, as tokens count. */
export const nowInSeconds = () => Math.floor(Date.now() / 1000);

/** Claims that a server asks for. */
export function toClaims(claims: Claims): JWTPayload {
  const all = { iss: ISSUER, aud: AUDIENCE, sub: "alice", exp: nowInSeconds() + 600, ...claims };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Starts an issuer without a key. */
export async function startIssuer(): Promise<Issuer> {
  const pairs = new Map<string, { alg: string; key: CryptoKey }>();
  const jwks: JWK[] = [];
  let reads = 0;
  let last = "";
  const server = createServer((_request, response) => {
    reads += 1;
    response.statusCode = issuer.answer === "error" ? 500 : 200;
    response.setHeader("connection", "close");
    response.end(issuer.answer === "keys" ? JSON.stringify({ keys: jwks }) : "<html>");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  // Safe cast: a server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  const issuer: Issuer = {
    env: {
      AUTH_JWKS_URL: `http://127.0.0.1:${port}/jwks.json`,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_PROJECT: "shop",
    },
    async addKey(alg, only = false) {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      last = `key-${pairs.size + 1}`;
      pairs.set(last, { alg, key: privateKey });
      if (only) jwks.splice(0);
      jwks.push({ ...(await exportJWK(publicKey)), kid: last, alg, use: "sig" });
      return last;
    },
    sign(claims = {}, kid = last) {
      const pair = pairs.get(kid);
      if (pair === undefined) throw new Error(`There is no key ${kid}.`);
      return new SignJWT(toClaims(claims)).setProtectedHeader({ alg: pair.alg, kid }).sign(pair.key);
    },
    reads: () => reads,
    answer: "keys",
    async close() {
      server.close();
      await once(server, "close");
    },
  };
  return issuer;
}
