import { isStorableText } from "./json.ts";

/** Rules of stored and requested data that hold on every way in. Each way words its own errors. */

/** The most pairs of a conversation's metadata. */
export const MAX_METADATA_PAIRS = 16;

/** The most characters of a metadata key. */
export const MAX_METADATA_KEY_CHARACTERS = 64;

/** The most characters of a metadata value. */
export const MAX_METADATA_VALUE_CHARACTERS = 512;

/** The most characters of an agent's name and of its version; each has at least one. */
export const MAX_AGENT_CHARACTERS = 128;

/** The most bytes of a turn: its messages as JSON text and its error detail together. */
export const MAX_TURN_BYTES = 2_097_152;

/** The deepest nesting of objects and arrays in a stored value. */
export const MAX_NESTING = 128;

/** The most rows of a list that a page may skip: the range of GraphQL's Int. */
export const MAX_OFFSET = 2 ** 31 - 1;

/** The most bytes of an isolation key, which separates one user of a project from the others. */
export const MAX_ISOLATION_KEY_BYTES = 256;

/** The name and the version in `name:version`; without a colon the whole text is the name, and the version is null. */
export function splitAgentId(agentId: string): { name: string; version: string | null } {
  const colon = agentId.indexOf(":");
  return colon < 0
    ? { name: agentId, version: null }
    : { name: agentId.slice(0, colon), version: agentId.slice(colon + 1) };
}

/** Whether the text has a colon, which an agent's name may not: `name:version` is split at the first. */
export function hasColon(text: string): boolean {
  return text.includes(":");
}

/** Whether an agent may have this name and version (null for none). */
export function isAgent({ name, version }: { name: string; version: string | null }): boolean {
  return !hasColon(name) && [name, version ?? "1"].every(isAgentWord);
}

function isAgentWord(text: string): boolean {
  const length = [...text].length;
  return length >= 1 && length <= MAX_AGENT_CHARACTERS && isStorableText(text);
}

/** The project of callers without a key, and of commands and tokens that name none. */
export const DEFAULT_PROJECT = "default";

/** Whether the text can be a project's id. A CHECK constraint in the database holds the same rule. */
export function isProjectId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);
}

/** Why the text cannot be an isolation key, worded to follow "it"; null when it can. */
export function isolationKeyFault(text: string): string | null {
  if (text === "") return "must not be empty";
  if (Buffer.byteLength(text) > MAX_ISOLATION_KEY_BYTES) {
    return `must not be longer than ${MAX_ISOLATION_KEY_BYTES} bytes`;
  }
  if (!text.isWellFormed()) return "must be Unicode";
  return /\p{Cc}/u.test(text) ? "must not hold control characters" : null;
}
