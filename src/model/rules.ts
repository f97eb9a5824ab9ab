/** Rules of what is stored and asked for that hold on every way in. Each way words its own errors. */

/** How many pairs a conversation's metadata may have. */
export const MAX_METADATA_PAIRS = 16;

/** How many characters the key of such a pair may have. */
export const MAX_METADATA_KEY_CHARACTERS = 64;

/** How many characters the value of such a pair may have. */
export const MAX_METADATA_VALUE_CHARACTERS = 512;

/** How many characters the name of an agent may have, and its version; both have one at least. */
export const MAX_AGENT_CHARACTERS = 128;

/** How deep objects and arrays in a stored value may nest. */
export const MAX_NESTING = 128;

/** How many rows of a list may be passed over: what GraphQL's Int holds. */
export const MAX_OFFSET = 2 ** 31 - 1;

/** How many bytes the key may have that tells one user of a project from the others. */
export const MAX_ISOLATION_KEY_BYTES = 256;

/** The name and the version in `name:version`; without a colon all of it is the name, and the version is null. */
export function splitAgentId(agentId: string): { name: string; version: string | null } {
  const colon = agentId.indexOf(":");
  return colon < 0
    ? { name: agentId, version: null }
    : { name: agentId.slice(0, colon), version: agentId.slice(colon + 1) };
}

/** Whether the text has a colon: an agent's name has none, because `name:version` is split at the first. */
export function hasColon(text: string): boolean {
  return text.includes(":");
}

/** What keeps the text from being an isolation key, to stand behind "it"; null when nothing does. */
export function isolationKeyFault(text: string): string | null {
  if (text === "") return "must not be empty";
  if (Buffer.byteLength(text) > MAX_ISOLATION_KEY_BYTES) {
    return `must not be longer than ${MAX_ISOLATION_KEY_BYTES} bytes`;
  }
  if (!text.isWellFormed()) return "must be Unicode";
  return /\p{Cc}/u.test(text) ? "must not hold control characters" : null;
}
