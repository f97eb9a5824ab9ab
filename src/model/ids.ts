import { randomBytes } from "node:crypto";

/** The kinds of object that have an id of their own. */
export type NodeKind = "conversation" | "turn";

const PREFIXES = { conversation: "conv_", turn: "turn_" } as const satisfies Record<NodeKind, string>;

/** What an id may be: 1 to 128 printable ASCII characters. The same rule stands in the database as a CHECK constraint. */
const ID_PATTERN = /^[\x20-\x7e]{1,128}$/;

/** A new id: the kind's prefix and 128 random bits. Unique without asking the database. */
export function newId(kind: NodeKind): string {
  return PREFIXES[kind] + randomBytes(16).toString("hex");
}

/** The id that a digest of a record's content gives, so that the same record finds itself again. */
export function derivedId(kind: NodeKind, digest: Buffer): string {
  return PREFIXES[kind] + digest.subarray(0, 16).toString("hex");
}

/** Whether the text can name an object at all. Ids that cannot are answered as unknown without asking the database. */
export function isId(text: string): boolean {
  return ID_PATTERN.test(text);
}

/** Whether an object of this kind may carry the id: the other kind's prefix is reserved, so that a prefix tells the kind. */
export function isIdOf(kind: NodeKind, text: string): boolean {
  return isId(text) && (kindOfId(text) ?? kind) === kind;
}

/** The kind that the id's prefix names, or null for an imported id, which may name either. */
export function kindOfId(id: string): NodeKind | null {
  if (id.startsWith(PREFIXES.conversation)) return "conversation";
  if (id.startsWith(PREFIXES.turn)) return "turn";
  return null;
}
