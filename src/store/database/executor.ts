import type { SQL } from "drizzle-orm";

import type { Statement } from "./statements.ts";

/** Runs statements: the pool, or one transaction. */
export interface Executor {
  /** As `rows`, for a statement that only reads: it may be sent again when its connection breaks. */
  read<Row extends object>(statement: SQL): Promise<Row[]>;
  /**
   * The statement's rows in its order. One round trip. The type parameter names the row's shape, which is the SELECT
   * list.
   */
  rows<Row extends object>(statement: SQL | Statement): Promise<Row[]>;
}

/** The columns of a row as PostgreSQL spells them; null for NULL. */
export type ByteRow = readonly (Buffer | null)[];

/** Runs statements whose rows are passed on without being decoded. */
export interface ByteReader {
  /** As `read`, with each row as the bytes of its columns in their order; null for NULL. */
  readBytes(statement: SQL | Statement): Promise<ByteRow[]>;
}
