import type { Fields } from "./fields.ts";

/** Marks fields with empty texts, lists and objects as read: writers that emit every field leave most of them empty. */
export function passOverEmpty(fields: Fields): void {
  for (const [name, value] of fields.unread()) if (isEmpty(value)) fields.value(name);
}

function isEmpty(value: unknown): boolean {
  return value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}
