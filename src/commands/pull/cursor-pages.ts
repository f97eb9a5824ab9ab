import { isJsonObject } from "../../model/json.ts";
import { ServiceError } from "./service.ts";

/** A page of a list with cursors, oldest first. */
export interface CursorPage {
  data: unknown[];
  has_more: boolean;
  /** Empty where the service gives none. */
  last_id: string;
}

/** The page after the element with this id; the first page for null. */
export type ListAfter = (after: string | null) => Promise<CursorPage>;

/**
 * The page and all pages after it. With `goOn`, a page that the service calls the last is followed by another request:
 * elements that were added in the meantime are read too. Throws ServiceError for a list that does not end.
 */
export async function* walkPages(first: CursorPage, list: ListAfter, goOn: boolean): AsyncGenerator<CursorPage> {
  const used = new Set<string>();
  for (let page = first; ; ) {
    yield page;
    if (!page.has_more && (!goOn || page.data.length === 0)) return;
    const last = page.last_id || idOf(page.data.at(-1));
    // A service that does not advance would be asked forever.
    if (last === "" || used.has(last)) {
      throw new ServiceError("The service says there is more, but does not give it.", null);
    }
    used.add(last);
    page = await follow(page, last, list);
  }
}

/** The page after this one. Where its last element was deleted in the meantime, the one before it marks the place. */
async function follow({ data }: CursorPage, last: string, list: ListAfter): Promise<CursorPage> {
  const earlier = data.map(idOf).reverse();
  for (const cursor of [last, ...earlier.filter((id) => id !== last && id !== "")]) {
    try {
      return await list(cursor);
    } catch (error) {
      if (!(error instanceof ServiceError && error.status === 404)) throw error;
    }
  }
  throw new ServiceError("Every element of the last page was deleted while the list was read. Run it again.", null);
}

/** The element's id; empty when it has none. */
export function idOf(value: unknown): string {
  return isJsonObject(value) && typeof value.id === "string" ? value.id : "";
}
