import type { Client } from "@urql/core";

import { TURN_CHANGES, TURN_PLACE } from "./documents.ts";

/**
 * The turn's place among those of the conversation; null where the conversation has no such turn. Rejects with a
 * CombinedError. Turns come by their place only in pages, however far away; the first event after the revision before the
 * turn's own is the turn's, with its cursor.
 */
export async function findCursor(client: Client, conversation: string, turn: string): Promise<string | null> {
  const { data, error } = await client.query(TURN_PLACE, { id: turn });
  if (error) throw error;
  if (!data?.turn || data.turn.conversation.id !== conversation) return null;
  const variables = { id: conversation, after: data.turn.revision - 1 };
  return new Promise((resolve, reject) => {
    const { unsubscribe } = client.subscription(TURN_CHANGES, variables).subscribe(({ data, error, hasNext }) => {
      if (data?.turnChanged.turnEdge.node.id === turn) {
        // Not before `subscribe` has returned.
        queueMicrotask(() => unsubscribe());
        resolve(data.turnChanged.deletedTurnId === null ? data.turnChanged.turnEdge.cursor : null);
      } else if (error) reject(error);
      else if (!hasNext) resolve(null);
    });
  });
}
