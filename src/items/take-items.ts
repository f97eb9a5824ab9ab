import { isJsonObject, type JsonObject, MAX_MOVED_KEYS, parseJson } from "../model/json.ts";
import { checkItem, typeFromMembers } from "./check-item.ts";
import { callIdOfItem, type Item, isItemId, newItemId } from "./item.ts";
import type { ItemFault } from "./item-fault.ts";
import { elementsOf, type Member, membersOf, memberText } from "./json-text.ts";

/**
 * The texts of the elements of `items` in the JSON text of a request's body, as they were sent; null where the body has
 * no such array. The body is an object. The cost grows with the text.
 */
export function itemTexts(body: string): string[] | null {
  const items = memberText(body, "items");
  return items?.startsWith("[") ? elementsOf(items) : null;
}

/**
 * The items of a call from their texts (`itemTexts`), checked and with the documented additions; or the first fault. An
 * item of the type `item_reference` stays as it is: `isReference` finds it, and the item that its id names takes its
 * place, by `copyItem` where the id is taken. Ids that the conversation has are for the caller to refuse. Throws RangeError
 * for an item with very many keys in objects that JavaScript would move.
 */
export function takeItems(texts: readonly string[]): { items: Item[] } | { fault: ItemFault } {
  const items: Item[] = [];
  const taken = new Set<string>();
  for (const [index, text] of texts.entries()) {
    const value = parseJson(text, MAX_MOVED_KEYS);
    const fault = checkItem(value, `items[${index}]`);
    if (fault !== null) return { fault };
    // Safe cast: the check refuses what is no object.
    const item = completeItem(text, value as JsonObject);
    if (!isReference(item)) {
      if (taken.has(item.id)) return { fault: { code: "duplicate", param: "items", id: item.id } };
      taken.add(item.id);
    }
    items.push(item);
  }
  return { items };
}

/** Whether the item stands for another one, the one with its id. */
export function isReference({ type }: Item): boolean {
  return type === "item_reference";
}

/** The item under another id. */
export function copyItem({ json, value, type }: Item, id = newItemId(type)): Item {
  return completeItem(writeMembers(json, [["id", JSON.stringify(id)]]), { ...value, id });
}

/**
 * The item of another service's answer, with the documented additions. Under the other id where its own is missing, taken,
 * or none that an item may have.
 */
export function importItem(value: JsonObject, otherId: string, isTaken: (id: string) => boolean): Item {
  const json = JSON.stringify(value);
  const { id } = value;
  const isFree = typeof id === "string" && isItemId(id) && !isTaken(id);
  return isFree ? completeItem(json, value) : copyItem(completeItem(json, value), otherId);
}

/** The stored item from its own text, such as a row has it. */
export function parseItem(json: string): Item {
  // Safe cast: only checked items are stored.
  return itemOf(json, parseJson(json) as JsonObject);
}

/** Whether the text is that of an item such as is stored: an object with a type, and an id that an item may have. */
export function isStoredItem(json: string): boolean {
  try {
    const value = parseJson(json);
    return isJsonObject(value) && typeof value.type === "string" && typeof value.id === "string" && isItemId(value.id);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return false;
    throw error;
  }
}

const STATUS_TYPES = new Set(["message", "function_call", "function_call_output"]);

/** A checked item with what is added to it: id, type, status, and the part that a message's text becomes. */
function completeItem(text: string, value: JsonObject): Item {
  const type = typeof value.type === "string" ? value.type : (typeFromMembers(value) ?? "message");
  const added: [key: string, json: string][] = [];
  if (typeof value.id !== "string") added.push(["id", JSON.stringify(newItemId(type))]);
  if (typeof value.type !== "string") added.push(["type", JSON.stringify(type)]);
  if ((value.status ?? null) === null && STATUS_TYPES.has(type)) added.push(["status", '"completed"']);
  if (type === "message" && typeof value.content === "string") {
    added.push(["content", partOf(value.role, memberText(text, "content") ?? '""')]);
  }
  if (added.length === 0) return itemOf(text, value);
  const json = writeMembers(text, added);
  // Keys that JavaScript would move lose their places in a copy.
  if (Object.isFrozen(value)) return parseItem(json);
  const members = added.map(([key, member]): [string, unknown] => [key, JSON.parse(member)]);
  return itemOf(json, { ...value, ...Object.fromEntries(members) });
}

function partOf(role: unknown, text: string): string {
  return role === "assistant"
    ? `[{"type":"output_text","annotations":[],"logprobs":[],"text":${text}}]`
    : `[{"type":"input_text","text":${text}}]`;
}

function itemOf(json: string, value: JsonObject): Item {
  // Both are there: a stored item has been completed.
  return { id: String(value.id), type: String(value.type), callId: callIdOfItem(value), json, value };
}

/** The object's text with these members: in the place of those of the same key, or else ahead of all others. */
function writeMembers(text: string, members: readonly [key: string, json: string][]): string {
  const own = membersOf(text);
  const replaced: [Member, string][] = [];
  let ahead = "";
  for (const [key, json] of members) {
    const found = own.findLast((member) => member.key === key);
    if (found !== undefined) replaced.push([found, json]);
    else ahead += `${JSON.stringify(key)}:${json},`;
  }
  let written = "";
  let done = text.indexOf("{") + 1;
  for (const [{ start, end }, json] of replaced.toSorted(([a], [b]) => a.start - b.start)) {
    written += text.slice(done, start) + json;
    done = end;
  }
  return `{${ahead}${written}${text.slice(done)}`;
}
