import { isStoredItem, parseItem } from "../items/take-items.ts";
import type { ConversationRecord, ItemRecord, TurnRecord } from "../model/conversation-record.ts";
import { isJsonObject } from "../model/json.ts";
import { Fields } from "./fields.ts";
import type { ConversationFormat, RecordContext } from "./format.ts";
import { readMetadata } from "./metadata.ts";
import { readAgent, readIsolationKey } from "./ownership.ts";
import { readId, readInstant } from "./scalars.ts";
import { parseTurns } from "./turns.ts";

const FAMILY = "conversation-graph/";
const FORMAT = `${FAMILY}1`;

/** This project's own format, JSON Lines with every field: an import of what `export` writes loses nothing. */
export const exportFormat: ConversationFormat = {
  name: "export",
  description: `the lines that export writes {"format": "${FORMAT}", …}`,
  isMessage: () => false,
  recognises,
  read,
};

/** The conversation as one line of the export, without the line break: everything of the record, instants in ISO 8601. */
export function writeExportLine(record: ConversationRecord): string {
  const { isolationKey: user, timesMadeUp: _timesMadeUp, turnIds: _turnIds, turns, ...columns } = record;
  const { id, createdAt, updatedAt, agent, metadata, revision, ...others } = columns;
  const own = { id, user, createdAt, updatedAt, agent, metadata, revision, ...others };
  return JSON.stringify({ format: FORMAT, ...own, turns: turns.map(turnToWrite) });
}

function turnToWrite({ id, revision, timestamp, role, state, metadata, ...others }: TurnRecord): Partial<TurnRecord> {
  const noted = Object.keys(metadata).length === 0 ? {} : { metadata };
  return { id, revision, timestamp, role, state, ...others, ...noted };
}

function recognises(value: unknown): boolean {
  // Accepts any version of the format: the record then names the version that is supported, which says more than
  // "unknown format".
  return isJsonObject(value) && typeof value.format === "string" && value.format.startsWith(FAMILY);
}

function read(value: unknown, { notes }: RecordContext): ConversationRecord {
  const fields = new Fields(value, "", notes);
  fields.word("format", [FORMAT]);
  const id = readId(fields, "conversation");
  if (id === null) throw fields.error("id", "is missing");
  const createdAt = readInstant(fields, "createdAt");
  const list = fields.list("turns");
  const { turns, timesMadeUp, turnIds } = parseTurns(list, id, createdAt, readOwnFields);
  if (timesMadeUp && list[0] !== undefined) throw list[0].error("timestamp", "is missing");
  const record: ConversationRecord = {
    id,
    createdAt,
    updatedAt: readInstant(fields, "updatedAt"),
    metadata: readMetadata(fields, "metadata"),
    agent: readAgent(fields, "agent"),
    isolationKey: readIsolationKey(fields, "user"),
    revision: fields.optionalInteger("revision", 0),
    timesMadeUp: false,
    turnIds,
    turns,
    ...readItems(fields),
  };
  checkItems(record, fields, list);
  checkRevisions(record, fields);
  fields.countUnknown();
  return record;
}

/** What only this format says of a turn. */
function readOwnFields(turn: Fields): Pick<TurnRecord, "metadata" | "revision" | "ofItems" | "items"> {
  const ofItems = turn.optionalBoolean("ofItems") === true ? { ofItems: true } : {};
  const revision = turn.optionalInteger("revision", 1);
  return { metadata: readMetadata(turn, "metadata"), revision, ...ofItems, ...readItems(turn) };
}

function readItems(fields: Fields): { items?: ItemRecord[] } {
  const list = fields.optionalList("items");
  if (list === null) return {};
  return {
    items: list.map((item) => {
      const read = { json: item.text("json"), fragments: item.optionalInteger("fragments", 0) };
      if (!isStoredItem(read.json)) throw item.error("json", "is not the JSON text of an item with id and type");
      item.countUnknown();
      return read;
    }),
  };
}

/**
 * Checks that each id of an item is used once, and that items stand for as many fragments as their turns have: they could
 * not be taken away again.
 */
function checkItems({ items = [], turns }: ConversationRecord, fields: Fields, list: readonly Fields[]): void {
  const ids = new Set<string>();
  const check = (own: readonly ItemRecord[], at: Fields, most: number | null) => {
    const counted = own.reduce((sum, { fragments }) => sum + (fragments ?? 0), 0);
    if (most === null ? own.some(({ fragments }) => fragments !== null) : counted !== most) {
      throw at.error("items", "say another number of fragments than there are");
    }
    for (const { json } of own) {
      const { id } = parseItem(json);
      if (ids.has(id)) throw at.error("items", `use the id ${id} twice in the conversation`);
      ids.add(id);
    }
  };
  check(items, fields, null);
  for (const [index, { messages, ofItems, items: own = [] }] of turns.entries()) {
    check(own, list[index] ?? fields, ofItems === true ? messages.length : null);
  }
}

/**
 * Checks that each turn's revision is within the conversation's: a subscriber that resumes after it would miss changes.
 */
function checkRevisions({ revision, turns }: ConversationRecord, fields: Fields): void {
  const latest = turns.reduce((max, turn, index) => Math.max(max, turn.revision ?? index + 1), turns.length);
  if ((revision ?? turns.length) < latest) throw fields.error("revision", "is less than a turn's, or than the turns");
}
