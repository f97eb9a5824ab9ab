import { Output } from "../../graphql/compiled/output.ts";
import { type Run, storedDocument } from "../../graphql/pipeline/stored-document.ts";
import { encodeCursor } from "../../relay/cursor.ts";
import { bytesOf } from "../../store/raw/bytes.ts";
import {
  ID,
  messagesPlace,
  placeOf,
  type RawConversation,
  type RawTurn,
  type RawTurnList,
  type TurnColumn,
  type TurnsRead,
} from "../../store/raw/row-sql.ts";
import { isNull, readText } from "../../store/raw/values.ts";

/** How many turns of a conversation are read at a time after those that came with it. */
const TURNS_PER_SLICE = 500;
// So much is sent at a time.
const PIECE_BYTES = 65_536;

/** What is selected of a list of turns that `writePage` writes. */
export const TURNS_SELECTION = `
  nodes { id position timestamp role state errorDetail inReplyTo { id } messages { __typename } } pageInfo { hasNextPage }`;

const TURNS = storedDocument<{ id: string; first: number; after: string | null }>(`
  query FixieTurns($id: ID!, $first: Int!, $after: String) {
    conversation(id: $id) { turns(first: $first, after: $after) { ${TURNS_SELECTION} } }
  }`);

/**
 * The opening, the conversations in the documented form, and the closing, in pieces. A conversation with more turns than
 * came with it, by number or by length, costs a statement or two for each further slice, and what is in memory does not grow
 * with it. One that was deleted meanwhile keeps its place: a page that came out short would end its caller's loop.
 */
export async function* writePage(
  conversations: readonly RawConversation[],
  opening: string,
  closing: string,
  run: Run,
): AsyncGenerator<Buffer> {
  const out = new Output(PIECE_BYTES);
  out.writeString(opening);
  for (const [index, conversation] of conversations.entries()) {
    const id = readText(conversation.texts, ID);
    out.writeString(`${index === 0 ? "" : ","}{"id":${JSON.stringify(id)},"turns":[`);
    let isFirst = true;
    for await (const { rows, read } of slicesOf(conversation, id, run)) {
      const places = placesOf(read);
      for (const turn of rows) {
        if (!isFirst) out.writeString(",");
        isFirst = false;
        writeTurn(turn, places, out);
        if (out.size >= PIECE_BYTES) yield out.take();
      }
    }
    out.writeString("]}");
  }
  out.writeString(closing);
  yield out.take();
}

/** The turns that came with the conversation, of which there may be none yet, and slice by slice those that follow. */
async function* slicesOf(conversation: RawConversation, id: string, run: Run): AsyncGenerator<RawTurnList> {
  let after: string | null = null;
  for (let slice = conversation.lists[0]; slice !== undefined; slice = await readOn(run, id, after)) {
    yield slice;
    if (!slice.hasMore) return;
    after = endOf(slice) ?? after;
  }
}

async function readOn(run: Run, id: string, after: string | null): Promise<RawTurnList | undefined> {
  const { rows } = await run(TURNS, { id, first: TURNS_PER_SLICE, after });
  return rows[0]?.kind === "conversation" ? rows[0].lists[0] : undefined;
}

/** The cursor of the slice's last turn; null where it has none. */
function endOf({ rows, read }: RawTurnList): string | null {
  const last = rows.at(-1);
  if (last === undefined) return null;
  const position = Number(readText(last.texts, placeOf(read.columns, "position")));
  return encodeCursor({ field: "POSITION", direction: "ASC" }, [position]);
}

function placesOf(read: TurnsRead) {
  const place = (column: TurnColumn) => placeOf(read.columns, column);
  return {
    timestamp: place("timestamp"),
    role: place("role"),
    state: place("state"),
    messages: messagesPlace(read),
    errorDetail: place("errorDetail"),
    inReplyToId: place("inReplyToId"),
  };
}

const PIECES = {
  id: bytesOf('{"id":'),
  timestamp: bytesOf(',"timestamp":'),
  role: bytesOf(',"role":"'),
  messages: bytesOf('","messages":'),
  state: bytesOf(',"state":"'),
  quote: bytesOf('"'),
  errorDetail: bytesOf(',"errorDetail":'),
  inReplyToId: bytesOf(',"inReplyToId":'),
};

// The messages are stored in the documented form, and pass as they are; so do the words for role and state.
function writeTurn({ texts }: RawTurn, places: ReturnType<typeof placesOf>, out: Output): void {
  out.write(PIECES.id);
  out.writeQuoted(texts, ID);
  out.write(PIECES.timestamp);
  out.writeInstant(texts, places.timestamp);
  out.write(PIECES.role);
  out.writeText(texts, places.role);
  out.write(PIECES.messages);
  out.writeText(texts, places.messages);
  out.write(PIECES.state);
  out.writeText(texts, places.state);
  out.write(PIECES.quote);
  if (!isNull(texts, places.errorDetail)) {
    out.write(PIECES.errorDetail);
    out.writeText(texts, places.errorDetail);
  }
  if (!isNull(texts, places.inReplyToId)) {
    out.write(PIECES.inReplyToId);
    out.writeQuoted(texts, places.inReplyToId);
  }
  out.writeString("}");
}
