import type { JsonOutput } from "../../model/json-output.ts";
import type { Access } from "../schema/context.ts";
import type { RequestContext } from "./request.ts";
import type { StoredDocument } from "./stored-document.ts";

/** A conversation or a turn that a stored document read, by the names of its fields. Nothing of it is decoded before it is asked for. */
export interface Row<Field extends string, TurnField extends string = never> {
  isNull(field: Field): boolean;
  /** A string that is not null, as it is stored: an enum's value by its stored word, an agent by its agentId. */
  text(field: Field): string;
  number(field: Field): number;
  /** In milliseconds since 1970. */
  instant(field: Field): number;
  /**
   * Writes the value as JSON, as it is stored: an enum's by its stored word, messages in their wire form. An instant has the
   * form of all surfaces; an object stands for its id, an agent for its agentId.
   */
  copy(field: Field, out: JsonOutput): void;
  /** The page of turns that came with the conversation. */
  turns(): RowList<TurnField>;
}

export interface RowList<Field extends string, TurnField extends string = never> {
  rows: readonly Row<Field, TurnField>[];
  /** Whether the list goes on in the direction of travel. */
  hasMore: boolean;
}

/** What the root field of a stored document found. */
export interface FoundRows<Field extends string, TurnField extends string> {
  /** Null in the place of an id that names no conversation of the scope. */
  rows: readonly (Row<Field, TurnField> | null)[];
  /** Whether the list goes on in the direction of travel. */
  hasMore: boolean;
  /** `totalCount`; 0 where it is not selected. */
  count: number;
}

/** Runs a stored document for a request of a caller with this access. Rejects as the database does. */
export type RunStored = <Variables extends Record<string, unknown>, Field extends string, TurnField extends string>(
  stored: StoredDocument<Variables, Field, TurnField>,
  variables: Variables,
  access: Access,
  request: RequestContext,
) => Promise<FoundRows<Field, TurnField>>;

/** Runs stored documents for one request, so that another surface answers from the same graph. Rejects as the database does. */
export type Run = <Variables extends Record<string, unknown>, Field extends string, TurnField extends string>(
  stored: StoredDocument<Variables, Field, TurnField>,
  variables: Variables,
) => Promise<FoundRows<Field, TurnField>>;

/** The lists check their page sizes themselves, and may read more turns than a client may. */
export const STORED_PAGE_SIZE = Number.MAX_SAFE_INTEGER;
