import { LRUCache } from "lru-cache";

/** The prepared statements of one connection. */
export interface PreparedStatements {
  /** Whether to send the statement with this text as a prepared one; from then on the connection keeps it. */
  admit(text: string): boolean;
  /** Whether the connection holds as many prepared statements, or characters of them, as one may. */
  isFull(): boolean;
}

// PostgreSQL keeps 60 to 120 bytes for each character of a prepared statement while the connection lives: some 25 MB
// for these bounds.
const MOST_STATEMENTS = 150;
const MOST_CHARACTERS = 200_000;

// The texts of statements that came once, for all connections together.
const REMEMBERED_STATEMENTS = 1000;
const REMEMBERED_CHARACTERS = 1_000_000;
const LONGEST_REMEMBERED = 20_000;

/**
 * Decides which statements the connections of one pool prepare: those that came before, and recently. Preparing a
 * statement that never comes again costs the database memory and gains nothing. Each call is for a new connection. A
 * connection that is full must be closed after its work: postgres.js keeps every prepared statement and releases none.
 */
export function createPreparations(): () => PreparedStatements {
  const remembered = new LRUCache<string, true>({
    max: REMEMBERED_STATEMENTS,
    maxSize: REMEMBERED_CHARACTERS,
    maxEntrySize: LONGEST_REMEMBERED,
    sizeCalculation: (_value, text) => text.length,
  });
  const isKnown = (text: string): boolean => {
    if (remembered.get(text) !== undefined) return true;
    remembered.set(text, true);
    return false;
  };
  return () => {
    const kept = new Set<string>();
    let characters = 0;
    return {
      admit(text) {
        if (!isKnown(text)) return kept.has(text);
        if (kept.has(text)) return true;
        kept.add(text);
        characters += text.length;
        return true;
      },
      isFull: () => kept.size >= MOST_STATEMENTS || characters >= MOST_CHARACTERS,
    };
  };
}
