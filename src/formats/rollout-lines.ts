import { isJsonObject } from "../model/json.ts";
import type { Fields } from "./fields.ts";
import { addItem } from "./foundry-items.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { CREATED_NAMES, readTime } from "./times.ts";
import type { Trajectory } from "./trajectory.ts";
import { TrajectoryBuilder } from "./trajectory-builder.ts";

const LINE_TYPES = new Set(["response_item", "session_meta", "event_msg", "turn_context", "compacted"]);

/** Whether the value looks like a line of a rollout: an item, or a note beside it, under `payload`. */
export function isRolloutLine(value: unknown): boolean {
  return isJsonObject(value) && LINE_TYPES.has(String(value.type)) && isJsonObject(value.payload);
}

/**
 * The items in the lines of a rollout, with the lines' times, and the description of the session in the first line.
 * Counts other lines as left out, events among them, which repeat the items.
 */
export function readRollout(
  lines: readonly Fields[],
  notes: ReadingNotes,
): { trajectory: Trajectory; session: Fields | null } {
  const trajectory = new TrajectoryBuilder(notes);
  let session: Fields | null = null;
  for (const line of lines) {
    const timestamp = readTime(line, CREATED_NAMES);
    const type = line.text("type");
    const payload = line.optionalFields("payload");
    line.countUnknown();
    if (type === "response_item" && payload !== null) addItem(payload, timestamp, trajectory, notes);
    else if (type === "session_meta" && session === null) session = payload;
    else notes.countLeftOut(`line ${type}`);
  }
  return { trajectory: trajectory.build(), session };
}
