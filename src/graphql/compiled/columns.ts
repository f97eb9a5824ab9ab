import { type ConversationColumn, placeOf, type TurnColumn, type TurnsRead } from "../../store/raw/row-sql.ts";

/** The lists of turns that are read with each conversation of one root field; for a request, each becomes what to read. */
export type Lists = ((variables: Record<string, unknown>, maxPageSize: number) => TurnsRead)[];

/** What has to be read of conversations; it grows while what is selected of them is compiled. */
export interface ConversationAsk {
  columns: ConversationColumn[];
  /** null where a statement reads no lists. */
  lists: Lists | null;
}

/** The same of turns, and of the conversations that they lead to. */
export interface TurnAsk {
  columns: TurnColumn[];
  messages: boolean;
  conversation: ConversationAsk;
}

/** Has the column read, and tells its place in the row. */
export function ask<Column>(columns: Column[], column: Column): number {
  if (!columns.includes(column)) columns.push(column);
  return placeOf(columns, column);
}
