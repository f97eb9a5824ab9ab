import { sql } from "drizzle-orm";

import type { Item } from "../../items/item.ts";
import { agentOfItem } from "../../items/item-agent.ts";
import { copyItem, isReference, parseItem } from "../../items/take-items.ts";
import type { Database } from "../database/client.ts";
import { type AgentFilter, findItems, findItemsAnywhere } from "../read/find-items.ts";
import { toMilliseconds } from "../sql/instants.ts";
import type { Scope } from "../sql/scope.ts";
import { conversations } from "../tables/conversations.ts";
import type { Counted } from "./change-counts.ts";
import { enterKey, findFormerWrite, type Idempotency } from "./idempotency.ts";
import { DuplicateItem, UnknownItem } from "./item-errors.ts";
import { type LockedHead, lockHead } from "./lock-head.ts";
import { writeItems } from "./write-items.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

/** Checked items that are to be appended, references among them. */
export interface NewItems {
  items: readonly Item[];
  /** The agent whose conversations references may name; null for every one. */
  agent: AgentFilter | null;
}

/** An item and its text, byte for byte. */
export type StoredItem = Pick<Item, "id" | "json">;

/**
 * Appends the items to the conversation, all of them or none, in one transaction; answers them as they are stored, in their
 * order. A reference becomes the item that it names. With an idempotency key that is known already it appends nothing,
 * and answers those of the first call that are still there. NOT_FOUND for a conversation that the scope does not see;
 * UnknownItem for a reference to nothing; DuplicateItem for an id that the conversation has; CONFLICT for a key with another
 * input.
 */
export async function appendItems(
  database: Database,
  scope: Scope,
  conversationId: string,
  given: NewItems,
  idempotency: Idempotency | null,
): Promise<StoredItem[]> {
  return writeTransaction(database, scope.projectId, async (writer) => {
    const head = await lockHead(writer, scope, conversationId);
    // A second call for the conversation with the key has waited for the first one.
    const former = idempotency === null ? null : await findFormerWrite(writer, scope, idempotency);
    if (former !== null) return readStored(writer, scope, conversationId, former.itemIds ?? []);
    const items = await addItems(writer, scope, head, given);
    if (idempotency !== null) await enterItems(writer, scope, head, items, idempotency);
    return items;
  });
}

/** Appends the items to a conversation whose head the transaction has locked; answers them as stored. Errors as above. */
export async function addItems(
  writer: Writer,
  scope: Scope,
  head: LockedHead,
  { items: given, agent }: NewItems,
): Promise<Item[]> {
  const items = await resolveReferences(writer, scope, head, agent, given);
  if (items.length === 0) return items;
  const ids = items.map(({ id }) => id);
  const [taken] = (await findItems(writer, scope, head.conversationId, ids)).keys();
  if (taken !== undefined) throw new DuplicateItem(taken);
  await nameAgent(writer, scope, head, items);
  await writeItems(writer, scope, head, items);
  return items;
}

async function enterItems(
  writer: Writer,
  scope: Scope,
  { conversationId }: LockedHead,
  items: readonly Item[],
  idempotency: Idempotency,
): Promise<void> {
  const written = { conversationId, turnId: null, itemIds: items.map(({ id }) => id) };
  const entered = await writer.rows(enterKey(scope, idempotency, written));
  // The key came in with another write at the same time: CONFLICT.
  if (entered.length === 0) await findFormerWrite(writer, scope, idempotency);
}

async function readStored(
  writer: Writer,
  scope: Scope,
  conversationId: string,
  ids: readonly string[],
): Promise<StoredItem[]> {
  const found = await findItems(writer, scope, conversationId, ids);
  return ids.flatMap((id) => found.get(id) ?? []);
}

/**
 * The items with those that references name in their places, under new ids where theirs are taken. Up to three statements,
 * and none without references.
 */
async function resolveReferences(
  writer: Writer,
  scope: Scope,
  { conversationId }: LockedHead,
  agent: AgentFilter | null,
  given: readonly Item[],
): Promise<Item[]> {
  const named = given.filter(isReference).map(({ id }) => id);
  if (named.length === 0) return [...given];
  const here = await findItems(writer, scope, conversationId, named);
  const others = named.filter((id) => !here.has(id));
  const elsewhere =
    others.length === 0 ? new Map<string, string>() : await findItemsAnywhere(writer, scope, agent, others);
  const taken = new Set(given.filter((item) => !isReference(item)).map(({ id }) => id));
  return given.map((item) => {
    if (!isReference(item)) return item;
    const json = here.get(item.id)?.json ?? elsewhere.get(item.id);
    if (json === undefined) throw new UnknownItem(item.id);
    const isFree = !here.has(item.id) && !taken.has(item.id);
    taken.add(item.id);
    return isFree ? parseItem(json) : copyItem(parseItem(json));
  });
}

/** Gives the conversation the agent that the items bring, where it has none. One statement; none where they bring none. */
async function nameAgent(
  writer: Writer,
  { projectId }: Scope,
  { conversationId }: LockedHead,
  items: readonly Item[],
): Promise<void> {
  const [agent] = items.flatMap(({ value }) => agentOfItem(value) ?? []);
  if (agent === undefined) return;
  const [named] = await writer.rows<Pick<Counted, "isolationKey" | "createdAt">>(sql`
    UPDATE ${conversations} c SET agent_name = ${agent.name}, agent_version = ${agent.version}
    WHERE c.project_id = ${projectId} AND c.id = ${conversationId} AND c.agent_name IS NULL
    RETURNING c.isolation_key AS "isolationKey", ${toMilliseconds(sql`c.created_at`)} AS "createdAt"`);
  if (named === undefined) return;
  writer.count([{ ...named, agentName: null, agentVersion: null }], -1);
  writer.count([{ ...named, agentName: agent.name, agentVersion: agent.version }], 1);
}
