import type { Broadcast } from "../../model/broadcast.ts";
import type { News } from "./topics.ts";

/** The broadcasts of one worker. */
export interface Broadcasts {
  /** The one with this name, under which the other workers have theirs. */
  create<Value>(name: string): Broadcast<Value>;
  /** To be called with the news of the other workers. */
  take(news: News): void;
}

/** Broadcasts that `spread` brings to the other workers. */
export function createBroadcasts(spread: (news: News) => Promise<unknown>): Broadcasts {
  const takes = new Map<string, (value: unknown) => void>();
  return {
    create: <Value>(name: string): Broadcast<Value> => ({
      async send(value) {
        await spread({ name, value }).catch(() => {});
      },
      // Safe cast: under one name all workers, of one program, send one kind of value.
      receive: (take) => void takes.set(name, (value) => take(value as Value)),
    }),
    take: ({ name, value }) => takes.get(name)?.(value),
  };
}
