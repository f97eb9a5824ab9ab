import { formatInstant } from "../../model/instant.ts";
import type { Database } from "../../store/database/client.ts";
import { readStoredFigures } from "../../store/read/stored-figures.ts";
import type { Finding } from "./finding.ts";

/** What is stored, and the signs of life in it. One statement. */
export async function describeStored(database: Database): Promise<Finding> {
  const { conversations, turns, openTurns, oldestOpenTurn, lastAppend } = await readStoredFigures(database);
  const since = oldestOpenTurn === null ? "" : `, the oldest since ${formatInstant(oldestOpenTurn)}`;
  const last = lastAppend === null ? "nothing was appended yet" : `the last append was at ${formatInstant(lastAppend)}`;
  const text = `about ${conversations} conversations and ${turns} turns, ${openTurns} of them in progress${since}; ${last}`;
  return { level: "ok", subject: "stored", text };
}
