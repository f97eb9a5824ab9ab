import { databaseAway, sqlState } from "../../model/errors.ts";
import type { Executor } from "./executor.ts";
import { createRequester, type Requester } from "./requester.ts";

/** Writes the items by one statement; resolves to what came of each, in their order. */
export type WriteAll<Item, Result> = (
  executor: Pick<Executor, "rows">,
  items: readonly Item[],
) => Promise<readonly Result[]>;

/**
 * Writes the item by one statement with others that wait under the same name at the moment; resolves to what came of it. Under
 * one name all items are written in one way. The request whose item is first stands for all of them where callers take turns. An
 * item whose request is abandoned before it is sent is not written. The error of a statement is that of all its items, except
 * for one that a single item may have caused: each is written alone then.
 */
export type WriteInBatch = <Item, Result>(
  name: string,
  item: Item,
  write: WriteAll<Item, Result>,
  requester?: Requester,
) => Promise<Result>;

const MOST_ITEMS = 64;

/** Classes of SQLSTATE that one item may cause: its values, its rows, and what else touches these. */
const FAULT_OF_ONE = /^(22|23|40)/;

interface Waiting {
  item: unknown;
  requester: Requester | undefined;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

interface Batch {
  write: WriteAll<unknown, unknown>;
  isUnderWay: boolean;
  waiting: Waiting[];
}

/**
 * Batches that form by themselves: what comes while the statement of its name is under way waits for that to end, and nothing
 * waits otherwise. So a write that is alone takes as long as ever, and the busier the server, the more writes share the
 * cost of a statement.
 */
export function createBatches(executorFor: (requester: Requester | undefined) => Pick<Executor, "rows">): WriteInBatch {
  const batches = new Map<string, Batch>();

  async function send(write: Batch["write"], sent: readonly Waiting[]): Promise<void> {
    const caller = sent[0]?.requester?.caller;
    const items = sent.map(({ item }) => item);
    try {
      const results = await write(executorFor(caller && createRequester(caller)), items);
      for (const [at, { resolve }] of sent.entries()) resolve(results[at]);
    } catch (error) {
      const mayBeOfOne = sent.length > 1 && FAULT_OF_ONE.test(sqlState(error) ?? "");
      if (mayBeOfOne) for (const one of sent) await send(write, [one]);
      else for (const { reject } of sent) reject(error);
    }
  }

  async function sendAll(name: string, batch: Batch): Promise<void> {
    batch.isUnderWay = true;
    while (batch.waiting.length > 0) {
      const sent = batch.waiting.splice(0, MOST_ITEMS).filter(isWanted);
      if (sent.length > 0) await send(batch.write, sent);
    }
    batches.delete(name);
  }

  return (name, item, write, requester) =>
    new Promise((resolve, reject) => {
      // Safe casts: under one name all items, and all that comes of them, are of one kind.
      const batch = batches.get(name) ?? { write: write as Batch["write"], isUnderWay: false, waiting: [] };
      batches.set(name, batch);
      batch.waiting.push({ item, requester, resolve: resolve as Waiting["resolve"], reject });
      if (!batch.isUnderWay) void sendAll(name, batch);
    });
}

/** Whether the item is to be written still; otherwise its promise is rejected. */
function isWanted({ requester, reject }: Waiting): boolean {
  if (!requester?.signal?.aborted) return true;
  reject(databaseAway());
  return false;
}
