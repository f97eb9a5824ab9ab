const TIMEOUT_MS = 2000;

/**
 * The text of the JWKS. Rejects within two seconds where it cannot be had: for a redirect, too, as keys come from the
 * address that the settings name, and from no other.
 */
export async function fetchJwks(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`It is answered with ${response.status}.`);
  return text;
}
