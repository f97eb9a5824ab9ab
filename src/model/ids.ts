import { randomFillSync } from "node:crypto";

/** The kinds of object with ids of their own. */
export type NodeKind = "conversation" | "turn";

const PREFIXES = { conversation: "conv_", turn: "turn_" } as const satisfies Record<NodeKind, string>;

/** An id has 1 to 128 printable ASCII characters. A CHECK constraint in the database holds the same rule. */
const ID_PATTERN = /^[\x20-\x7e]{1,128}$/;

/**
 * A new id: the kind's prefix, 48 bits of the time in milliseconds and 80 random bits. Unique without a query. New ids come
 * together in an index: ids at random places cost a page of write-ahead log each after a checkpoint. Callers read nothing
 * from the order.
 */
export function newId(kind: NodeKind): string {
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  return PREFIXES[kind] + randomFillSync(bytes, 6).toString("hex");
}

/** The id made from a digest of a record's content: the same record always gets the same one. */
export function derivedId(kind: NodeKind, digest: Buffer): string {
  return PREFIXES[kind] + digest.subarray(0, 16).toString("hex");
}

/** Whether the text can be an id. A text that cannot is answered as an unknown id, without a query. */
export function isId(text: string): boolean {
  return ID_PATTERN.test(text);
}

/**
 * Whether an object of this kind may have the id: the other kind's prefix is reserved, so that a prefix identifies the
 * kind.
 */
export function isIdOf(kind: NodeKind, text: string): boolean {
  return isId(text) && (kindOfId(text) ?? kind) === kind;
}

/** The kind that the id's prefix names; null for an imported id, which may belong to either kind. */
export function kindOfId(id: string): NodeKind | null {
  if (id.startsWith(PREFIXES.conversation)) return "conversation";
  if (id.startsWith(PREFIXES.turn)) return "turn";
  return null;
}
