const TIMEOUT_MS = 2000;

/**
 * The text of the JWKS. Rejects within two seconds where it cannot be had, with the reason in words: for a redirect, too, as
 * keys come from the address that the settings name, and from no other.
 */
export async function fetchJwks(url: string): Promise<string> {
  const headers = { accept: "application/json" };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { headers, redirect: "manual", signal }).catch((error: unknown) => {
    throw new Error(reasonOf(error), { cause: error });
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`it is answered with ${response.status}`);
  return text;
}

/** The reason of a failed fetch, which Node keeps in the cause. */
function reasonOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (typeof code === "string") return code;
  return cause instanceof Error ? cause.message : String(cause);
}
