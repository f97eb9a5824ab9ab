import DataLoader from "dataloader";

import { EMPTY_SLICE, type Slice } from "../../relay/connection.ts";
import type { Page } from "../../relay/page.ts";
import { readLastActivity } from "../../store/read/agents.ts";
import { type ByteBudget, createByteBudget } from "../../store/read/byte-budget.ts";
import { type NodeRow, readNodes } from "../../store/read/nodes.ts";
import { readPreviews } from "../../store/read/previews.ts";
import { completeTurns, countTurns, readTurns, type TurnFilter, type TurnRow } from "../../store/read/turns.ts";
import { createItemLoaders, type ItemLoaders } from "./item-loaders.ts";
import type { LoaderContext } from "./loader-context.ts";

/** Reads in which many rows of one request share a statement. */
export interface Loaders {
  /** A conversation or turn by id; null for an id outside the scope. */
  node: DataLoader<string, NodeRow | null>;
  items: ItemLoaders;
  /** A page of a conversation's turns. */
  turnPage(filter: TurnFilter, page: Page): DataLoader<TurnListKey, Slice<TurnRow>, string>;
  /** The longest preview of a conversation; null for one without text. */
  preview: DataLoader<string, string | null>;
  /** The last activity in an agent's conversations, by name; null for an agent without any. */
  lastActivity: DataLoader<string, Date | null>;
  /** The number of turns that pass the filter, by conversation id. */
  turnCount(filter: TurnFilter): DataLoader<string, number>;
}

/** Identifies a list of turns. */
interface TurnListKey {
  conversationId: string;
  /**
   * The key of the answer's root field above the list: the lists below one root field share the most bytes of a page.
   */
  root: string;
}

/**
 * The loaders of one request. Those with arguments are kept apart by these: a document may select the same field of the
 * same conversation twice, under two aliases and with different arguments.
 */
export function createLoaders(context: LoaderContext): Loaders {
  const { database, scope } = context;
  const budget = createByteBudget(context.maxPageBytes, context.maxAnswerBytes);
  const node = new DataLoader<string, NodeRow | null>(async (ids) => {
    const found = await readNodes(database, scope, ids, budget);
    return ids.map((id) => found.get(id) ?? null);
  });
  const preview = new DataLoader<string, string | null>(async (ids) => {
    const found = await readPreviews(database, scope, ids);
    return ids.map((id) => found.get(id) ?? null);
  });
  const lastActivity = new DataLoader<string, Date | null>(async (names) => {
    const found = await readLastActivity(database, scope, names);
    return names.map((name) => found.get(name) ?? null);
  });
  const pages = new Map<string, DataLoader<TurnListKey, Slice<TurnRow>, string>>();
  const counts = new Map<string, DataLoader<string, number>>();
  return {
    node,
    preview,
    lastActivity,
    items: createItemLoaders(context, budget),
    turnPage: (filter, page) =>
      remembered(pages, [filter, page], () => {
        const load = (keys: readonly TurnListKey[]) => loadTurns(context, budget, keys, filter, page);
        return new DataLoader(load, {
          cacheKeyFn: ({ conversationId, root }) => JSON.stringify([root, conversationId]),
        });
      }),
    turnCount: (filter) =>
      remembered(counts, filter, () => {
        const load = async (ids: readonly string[]) => {
          const found = await countTurns(database, scope, ids, filter);
          return ids.map((id) => found.get(id) ?? 0);
        };
        return new DataLoader(load);
      }),
  };
}

/** Reads the lists with one statement, and completes those of each root field together. */
async function loadTurns(
  { database, scope }: LoaderContext,
  budget: ByteBudget,
  keys: readonly TurnListKey[],
  filter: TurnFilter,
  page: Page,
): Promise<Slice<TurnRow>[]> {
  const ids = [...new Set(keys.map(({ conversationId }) => conversationId))];
  const found = await readTurns(database, scope, ids, filter, page, budget);
  const completed = new Map<TurnListKey, Slice<TurnRow>>();
  for (const ofRoot of Map.groupBy(keys, ({ root }) => root).values()) {
    const lists = ofRoot.map(({ conversationId }) => found.get(conversationId) ?? EMPTY_SLICE);
    const pages = await completeTurns(database, scope, page, lists, budget);
    for (const [index, key] of ofRoot.entries()) completed.set(key, pages[index] ?? EMPTY_SLICE);
  }
  return keys.map((key) => completed.get(key) ?? EMPTY_SLICE);
}

function remembered<Loader>(loaders: Map<string, Loader>, args: unknown, make: () => Loader): Loader {
  const key = JSON.stringify(args);
  const known = loaders.get(key);
  if (known !== undefined) return known;
  const loader = make();
  loaders.set(key, loader);
  return loader;
}
