import { ApiError } from "../../model/errors.ts";

/** CONFLICT for an item with an id that the conversation has already. */
export class DuplicateItem extends ApiError {
  readonly id: string;

  constructor(id: string) {
    super("CONFLICT", "The conversation has an item with this id.", "items");
    this.id = id;
  }
}

/** NOT_FOUND for an item that the conversation lacks, and for a reference to an item that the scope does not see. */
export class UnknownItem extends ApiError {
  readonly id: string;

  constructor(id: string) {
    super("NOT_FOUND", "There is no item with this id.", "item");
    this.id = id;
  }
}
