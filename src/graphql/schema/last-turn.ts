import { ApiError } from "../../model/errors.ts";
import type { Slice } from "../../relay/connection.ts";
import { parsePage } from "../../relay/page.ts";
import { builder } from "./builder.ts";
import { source } from "./field-source.ts";
import { ConversationRef, TurnRef } from "./refs.ts";
import { AS_SAID, rootOf } from "./turn-connection.ts";

/** The last turn of a conversation, as a page of its turns. */
const LAST_TURN = { page: parsePage({ last: 1 }, AS_SAID, 1), filter: {} };

/** The row of that page; null for an empty one. LIMIT_EXCEEDED for a page that ended before its row. */
export function lastOf<Row>({ rows, hasMore }: Slice<Row>): Row | null {
  const [row] = rows;
  if (row === undefined && hasMore) {
    throw new ApiError(
      "LIMIT_EXCEEDED",
      "The last turns of these conversations are too long: ask for fewer at a time.",
    );
  }
  return row ?? null;
}

builder.objectField(ConversationRef, "lastTurn", (t) =>
  t.field({
    type: TurnRef,
    nullable: true,
    complexity: 1,
    description:
      "The newest turn; null for a conversation without any. The last turns of a page of conversations may have up to 8 MB together, unless the server is set otherwise; those beyond are LIMIT_EXCEEDED.",
    ...source({ from: "lastTurn", ...LAST_TURN }),
    resolve: async ({ id }, _args, { loaders }, info) => {
      const { page, filter } = LAST_TURN;
      const turn = lastOf(await loaders.turnPage(filter, page).load({ conversationId: id, root: rootOf(info.path) }));
      if (turn !== null) loaders.node.prime(turn.id, turn);
      return turn;
    },
  }),
);
