import { type ConversationColumn, placeOf, type TurnColumn, type TurnsRead } from "../../store/raw/row-sql.ts";

/** The lists of turns that are read with each conversation of one root field; for a request, each becomes what to read. */
export type TurnListPlans = ((variables: Record<string, unknown>, maxPageSize: number) => TurnsRead)[];

/** What has to be read of conversations; it grows while what is selected of them is compiled. */
export interface ConversationColumns {
  columns: ConversationColumn[];
  /** null where a statement reads no lists. */
  lists: TurnListPlans | null;
}

/** The same of turns, and of the conversations that they lead to. */
export interface TurnColumns {
  columns: TurnColumn[];
  messages: boolean;
  conversation: ConversationColumns;
}

/** Where a column stands in its row. To be asked only when everything is compiled that columns are read for. */
export type Place = () => number;

/**
 * Has the column read, and gives its place. The columns stand in one order, whatever the order of the selection: documents
 * that want the same are answered by one statement, which the database prepares once.
 */
export function requireColumn<Column>(columns: Column[], column: Column): Place {
  if (!columns.includes(column)) {
    columns.push(column);
    columns.sort();
  }
  let at = 0;
  return () => {
    at ||= placeOf(columns, column);
    return at;
  };
}
