import type { Fields } from "./fields.ts";

/** Takes the fields as read that are empty texts, lists or objects: writers that have every field leave most of them so. */
export function passOverEmpty(fields: Fields): void {
  for (const [name, value] of fields.unread()) if (isEmpty(value)) fields.value(name);
}

function isEmpty(value: unknown): boolean {
  return value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}
