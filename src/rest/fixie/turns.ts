import type { Row, RowList, Run } from "../../graphql/pipeline/rows.ts";
import { storedDocument } from "../../graphql/pipeline/stored-document.ts";
import { JsonOutput } from "../../model/json-output.ts";
import { encodeCursor } from "../../relay/cursor.ts";

/** How many turns of a conversation are read at a time after those that came with it. */
const TURNS_PER_SLICE = 500;
// So much is sent at a time.
const PIECE_BYTES = 65_536;

/** What is selected of a list of turns that `writePage` writes. The keys of a fragment are written in this order. */
export const TURNS_SELECTION = `
  nodes {
    id position timestamp role state errorDetail inReplyTo { id }
    messages {
      __typename
      ... on TextFragment { content state metadata }
      ... on FunctionCallFragment { name args metadata }
      ... on FunctionResponseFragment { name response failed metadata }
    }
  }
  pageInfo { hasNextPage }`;

/** The names by which `writePage` reads a turn. */
export const TURN_FIELDS = [
  "id",
  "position",
  "timestamp",
  "role",
  "state",
  "errorDetail",
  "inReplyTo",
  "messages",
] as const;
type TurnField = (typeof TURN_FIELDS)[number];
type Conversation = Row<"id", TurnField>;

/** How many turns come with each conversation: all of most, and of a page of long ones a bounded amount. */
export const TURNS_AT_FIRST = 100;

const TURNS = storedDocument<{ id: string; first: number; after: string | null }>(`
  query FixieTurns($id: ID!, $first: Int!, $after: String) {
    conversation(id: $id) { id turns(first: $first, after: $after) { ${TURNS_SELECTION} } }
  }`).reading(["id"], TURN_FIELDS);

/**
 * The opening, the conversations in the documented form, and the closing, in pieces. A conversation with more turns than
 * came with it, by number or by length, costs a statement or two for each further slice, and what is in memory does not grow
 * with it. One that is deleted before its end keeps its place: a page that came out short would end its caller's loop.
 */
export async function* writePage(
  conversations: readonly Conversation[],
  opening: string,
  closing: string,
  run: Run,
): AsyncGenerator<Buffer> {
  const out = new JsonOutput(PIECE_BYTES);
  out.writeString(opening);
  for (const [index, conversation] of conversations.entries()) {
    out.writeString(index === 0 ? '{"id":' : ',{"id":');
    conversation.copy("id", out);
    out.writeString(',"turns":[');
    let isFirst = true;
    for await (const { rows } of slicesOf(conversation, run)) {
      for (const turn of rows) {
        if (!isFirst) out.writeString(",");
        isFirst = false;
        writeTurn(turn, out);
        if (out.size >= PIECE_BYTES) yield out.take();
      }
    }
    out.writeString("]}");
  }
  out.writeString(closing);
  yield out.take();
}

/** The turns that came with the conversation, of which there may be none yet, and slice by slice those that follow. */
async function* slicesOf(conversation: Conversation, run: Run): AsyncGenerator<RowList<TurnField>> {
  const id = conversation.text("id");
  let after: string | null = null;
  for (let slice = conversation.turns(); ; ) {
    yield slice;
    if (!slice.hasMore) return;
    after = endOf(slice) ?? after;
    const { rows } = await run(TURNS, { id, first: TURNS_PER_SLICE, after });
    if (rows[0] == null) return;
    slice = rows[0].turns();
  }
}

/** The cursor of the slice's last turn; null where it has none. */
function endOf({ rows }: RowList<TurnField>): string | null {
  const last = rows.at(-1);
  return last === undefined ? null : encodeCursor({ field: "POSITION", direction: "ASC" }, [last.number("position")]);
}

const PIECES = {
  id: Buffer.from('{"id":'),
  timestamp: Buffer.from(',"timestamp":'),
  role: Buffer.from(',"role":'),
  messages: Buffer.from(',"messages":'),
  state: Buffer.from(',"state":'),
  errorDetail: Buffer.from(',"errorDetail":'),
  inReplyTo: Buffer.from(',"inReplyToId":'),
};

// The messages are stored in the documented form; so are the words for role and state.
function writeTurn(turn: Row<TurnField>, out: JsonOutput): void {
  for (const field of ["id", "timestamp", "role", "messages", "state"] as const) {
    out.write(PIECES[field]);
    turn.copy(field, out);
  }
  for (const field of ["errorDetail", "inReplyTo"] as const) {
    if (turn.isNull(field)) continue;
    out.write(PIECES[field]);
    turn.copy(field, out);
  }
  out.writeString("}");
}
