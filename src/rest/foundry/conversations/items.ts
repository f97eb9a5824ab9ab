import { type Answer, writtenAnswer } from "../../../http/answer.ts";
import { findItems } from "../../../store/read/find-items.ts";
import { type ItemsPage, readItems } from "../../../store/read/items.ts";
import { appendItems } from "../../../store/write/append-items.ts";
import { deleteItem as remove } from "../../../store/write/delete-item.ts";
import { conversationNotFound } from "../errors.ts";
import { parseBody } from "./body.ts";
import { conversationAnswer } from "./conversation.ts";
import { missingParameter } from "./faults.ts";
import { toIdempotency } from "./idempotency.ts";
import { readItems as readGiven } from "./items-input.ts";
import { readItemsParameters } from "./parameters.ts";
import { type Call, checkAgent, findConversation } from "./place.ts";
import { itemNotFound, wordingErrors } from "./store-errors.ts";

const MAX_PAGE_BYTES = 8_388_608;

/** A page of the conversation's items. One statement, and one more when `after` or `before` names an item. */
export async function listItems(call: Call): Promise<Answer> {
  const { store, conversationId, query } = call;
  const parameters = readItemsParameters(query);
  await checkAgent(call, store.reads);
  const direction = parameters.order === "asc" ? "ASC" : "DESC";
  const bounds = await findBounds(call, parameters, direction);
  const backward = bounds.before !== null && bounds.after === null;
  const type = parameters.item_type ?? null;
  const page = { ...bounds, direction, backward, limit: parameters.limit, type, maxBytes: MAX_PAGE_BYTES } as const;
  const slice = await readItems(store.reads, store.scope, conversationId, page);
  if (slice === null) throw conversationNotFound(null, conversationId);
  return listAnswer(slice.rows, slice.hasMore);
}

/** Appends the items of the body. */
export async function createItems(call: Call): Promise<Answer> {
  const { store, conversationId, agent } = call;
  const given = readGiven(await parseBody(await call.body(), true), call.maxItems);
  if (given === null) throw missingParameter("items");
  await checkAgent(call, store.writes);
  const idempotency = toIdempotency("items.create", call, { conversationId, items: given.texts });
  const stored = await wordingErrors(call, () =>
    appendItems(store.writes, store.scope, conversationId, { items: given.items, agent }, idempotency),
  );
  await store.wrote(conversationId);
  return listAnswer(stored, false);
}

/** The item of the path. */
export async function retrieveItem(call: Call): Promise<Answer> {
  const { store, conversationId, itemId } = call;
  await checkAgent(call, store.reads);
  const item = (await findItems(store.reads, store.scope, conversationId, [itemId])).get(itemId);
  if (item !== undefined) return writtenAnswer(item.json);
  await findConversation(call, store.reads);
  throw itemNotFound(null, itemId);
}

/** Deletes the item of the path; answers the conversation. */
export async function deleteItem(call: Call): Promise<Answer> {
  const { store, conversationId, itemId } = call;
  await checkAgent(call, store.writes);
  await wordingErrors(call, () => remove(store.writes, store.scope, conversationId, itemId));
  await store.wrote(conversationId);
  return conversationAnswer(await findConversation(call, store.writes));
}

/** The places of the items that the cursors name. A `before` that does not lie behind `after` is ignored, as in the list of conversations. */
async function findBounds(
  call: Call,
  { after: start, before: end }: { after?: string | undefined; before?: string | undefined },
  direction: ItemsPage["direction"],
): Promise<Pick<ItemsPage, "after" | "before">> {
  const ids = [start, end].filter((id) => id !== undefined);
  if (ids.length === 0) return { after: null, before: null };
  const { store, conversationId } = call;
  const found = await findItems(store.reads, store.scope, conversationId, ids);
  const place = (id: string | undefined) => (id === undefined ? null : (found.get(id) ?? null));
  const [after, before] = [place(start), place(end)];
  const unknown = start !== undefined && after === null ? "after" : before === null && after === null ? "before" : null;
  if (unknown !== null) {
    await findConversation(call, store.reads);
    throw itemNotFound(unknown, (unknown === "after" ? start : end) ?? "");
  }
  const bounds = after === null || (before !== null && isBehind(before, after, direction));
  return { after, before: bounds ? before : null };
}

type Place = NonNullable<ItemsPage["after"]>;

function isBehind(one: Place, other: Place, direction: ItemsPage["direction"]): boolean {
  const [first, second] = direction === "ASC" ? [other, one] : [one, other];
  return first.position < second.position || (first.position === second.position && first.place < second.place);
}

/** The envelope of items, each in its own text. */
function listAnswer(items: readonly { id: string; json: string }[], hasMore: boolean): Answer {
  const [first = null, last = null] = [items.at(0)?.id, items.at(-1)?.id];
  const data = items.map(({ json }) => json).join(",");
  const ends = `"first_id":${JSON.stringify(first)},"last_id":${JSON.stringify(last)}`;
  return writtenAnswer(`{"object":"list","data":[${data}],${ends},"has_more":${hasMore}}`);
}
