import { type ConversationColumn, placeOf, type TurnColumn, type TurnsRead } from "../../store/raw/row-sql.ts";

/** The lists of turns that are read with each conversation of one root field; each gives what a request reads. */
export type TurnListPlans = ((variables: Record<string, unknown>, maxPageSize: number) => TurnsRead)[];

/** What is read of conversations; it grows while their selection is compiled. */
export interface ConversationColumns {
  columns: ConversationColumn[];
  /** The lengths that previews are cut to. */
  previews: ((variables: Record<string, unknown>, maxPageSize: number) => number)[];
  /** null where a statement reads no lists. */
  lists: TurnListPlans | null;
}

/** The same of turns, and of the conversations that they lead to. */
export interface TurnColumns {
  columns: TurnColumn[];
  messages: boolean;
  conversation: ConversationColumns;
}

/** Where a column stands in its row. Known only once the whole document is compiled. */
export type Place = () => number;

/**
 * Has the column read, and gives its place. The columns stand in one order, whatever the order of the selection: documents
 * that select the same share one statement, which the database prepares once.
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
