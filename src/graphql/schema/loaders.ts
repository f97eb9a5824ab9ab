import DataLoader from "dataloader";

import { EMPTY_SLICE, type Slice } from "../../relay/connection.ts";
import type { Page } from "../../relay/page.ts";
import type { Database } from "../../store/database/client.ts";
import { type NodeRow, readNodes } from "../../store/read/nodes.ts";
import { countTurns, readTurns, type TurnFilter, type TurnRow } from "../../store/read/turns.ts";
import type { Scope } from "../../store/sql/scope.ts";

/** The reads that many rows of one request share a statement for. */
export interface Loaders {
  /** A conversation or turn by id; null for what the scope does not see. */
  node: DataLoader<string, NodeRow | null>;
  /** A page of turns by conversation id. */
  turnPage(filter: TurnFilter, page: Page): DataLoader<string, Slice<TurnRow>>;
  /** How many turns the filter lets through, by conversation id. */
  turnCount(filter: TurnFilter): DataLoader<string, number>;
}

/**
 * Loaders for one request. Those with arguments are kept apart by them: a document may select the same field of the
 * same conversation twice, under two aliases and with different arguments.
 */
export function createLoaders(database: Database, scope: Scope): Loaders {
  const node = new DataLoader<string, NodeRow | null>(async (ids) => {
    const found = await readNodes(database, scope, ids);
    return ids.map((id) => found.get(id) ?? null);
  });
  const pages = new Map<string, DataLoader<string, Slice<TurnRow>>>();
  const counts = new Map<string, DataLoader<string, number>>();
  return {
    node,
    turnPage: (filter, page) =>
      remembered(pages, [filter, page], async (ids) => {
        const found = await readTurns(database, scope, ids, filter, page);
        return ids.map((id) => found.get(id) ?? EMPTY_SLICE);
      }),
    turnCount: (filter) =>
      remembered(counts, filter, async (ids) => {
        const found = await countTurns(database, scope, ids, filter);
        return ids.map((id) => found.get(id) ?? 0);
      }),
  };
}

function remembered<Value>(
  loaders: Map<string, DataLoader<string, Value>>,
  args: unknown,
  load: (ids: readonly string[]) => Promise<Value[]>,
): DataLoader<string, Value> {
  const key = JSON.stringify(args);
  const known = loaders.get(key);
  if (known !== undefined) return known;
  const loader = new DataLoader<string, Value>(load);
  loaders.set(key, loader);
  return loader;
}
