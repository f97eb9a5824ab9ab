import type { ConversationRecord, TurnRecord } from "../model/conversation-record.ts";
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
  const { turns, timesMadeUp, turnIds } = parseTurns(list, id, createdAt, (turn) => ({
    metadata: readMetadata(turn, "metadata"),
    revision: turn.optionalInteger("revision", 1),
  }));
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
  };
  checkRevisions(record, fields);
  fields.countUnknown();
  return record;
}

/**
 * Checks that each turn's revision is within the conversation's: a subscriber that resumes after it would miss changes.
 */
function checkRevisions({ revision, turns }: ConversationRecord, fields: Fields): void {
  const latest = turns.reduce((max, turn, index) => Math.max(max, turn.revision ?? index + 1), turns.length);
  if ((revision ?? turns.length) < latest) throw fields.error("revision", "is less than a turn's, or than the turns");
}
