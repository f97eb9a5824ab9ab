import { LRUCache } from "lru-cache";

/** What one connection has prepared. */
export interface PreparedStatements {
  /** Whether the statement with this text is to be sent as a prepared one; from then on the connection keeps it. */
  admit(text: string): boolean;
  /** Whether the connection keeps as much as one may. */
  isFull(): boolean;
}

// PostgreSQL keeps 60 to 120 bytes for each character of a prepared statement, for as long as the connection lives: some
// 25 MB for these bounds.
const MOST_STATEMENTS = 150;
const MOST_CHARACTERS = 200_000;

// What is remembered of statements that were asked for once: their texts, for all connections together.
const REMEMBERED_STATEMENTS = 1000;
const REMEMBERED_CHARACTERS = 1_000_000;
const LONGEST_REMEMBERED = 20_000;

/**
 * Chooses what is prepared on the connections of one pool: a statement that was asked for before, and of late. To prepare one
 * that never comes again costs the database memory and gains nothing. Each call is for another connection. One that keeps
 * too many is to be closed after its work: the driver keeps all of them, and takes none back.
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
