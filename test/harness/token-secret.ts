import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { SignJWT } from "jose";

import { newDataFolder } from "./data-folder.ts";
import { type Claims, toClaims } from "./issuer.ts";

export const SECRET = "0123456789abcdef0123456789abcdef";

/** A new file for AUTH_JWT_SECRET_FILE. */
export async function secretFile(content = SECRET): Promise<string> {
  const file = join(await newDataFolder(), "secret");
  await writeFile(file, content);
  return file;
}

/** A token of a backend that shares the secret. */
export function signWithSecret(claims: Claims, secret = SECRET, alg = "HS256"): Promise<string> {
  return new SignJWT(toClaims(claims)).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}
