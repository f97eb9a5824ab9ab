import type { SQL } from "drizzle-orm";

import type { Statement } from "./statements.ts";

/** Where statements go: the pool, or one transaction. */
export interface Executor {
  /** As `rows`, for a statement that only reads, and so may be sent again when its connection breaks. */
  read<Row extends object>(statement: SQL): Promise<Row[]>;
  /** The statement's rows, in its order. One round trip. The caller names the row's shape, which is its SELECT list. */
  rows<Row extends object>(statement: SQL): Promise<Row[]>;
}

/** The columns of a row as PostgreSQL spells them. */
export type ByteRow = readonly (Buffer | null)[];

/** Where statements go whose rows are handed on unread. */
export interface ByteReader {
  /** As `read`, but each row as the bytes of its columns in their order, null for null. */
  readBytes(statement: SQL | Statement): Promise<ByteRow[]>;
}
