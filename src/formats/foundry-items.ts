import { isCallType, isOutputType } from "../items/item-fragments.ts";
import type { TurnState } from "../model/message-fragment.ts";
import { readContent, saysNothing } from "./content-parts.ts";
import type { Fields } from "./fields.ts";
import { readCall, readCallOutput } from "./foundry-calls.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { CREATED_NAMES, readTime } from "./times.ts";
import type { MessageInfo, Trajectory } from "./trajectory.ts";
import { TrajectoryBuilder } from "./trajectory-builder.ts";

export const SPEAKERS = {
  system: "instruction",
  developer: "instruction",
  user: "user",
  assistant: "assistant",
} as const satisfies Record<string, MessageInfo["speaker"]>;

const STATES: ReadonlyMap<string | null, TurnState> = new Map([
  ["in_progress", "in-progress"],
  ["incomplete", "stopped"],
]);

/**
 * The turns of a conversation's items. Keeps calls of every kind of tool; counts an item that neither says nor calls
 * anything (reasoning, approvals) as left out. Throws RecordError for a malformed item.
 */
export function readItems(items: readonly Fields[], notes: ReadingNotes): Trajectory {
  const trajectory = new TrajectoryBuilder(notes);
  for (const item of items) addItem(item, readTime(item, CREATED_NAMES), trajectory, notes);
  return trajectory.build();
}

/** Adds one item, by the rule of `readItems`; the time is null when it has none. */
export function addItem(
  item: Fields,
  timestamp: Date | null,
  trajectory: TrajectoryBuilder,
  notes: ReadingNotes,
): void {
  const type = item.optionalText("type") ?? "message";
  const isCall = isCallType(type);
  if (type !== "message" && !isCall && !isOutputType(type)) {
    notes.countLeftOut(`item ${type}`);
    return;
  }
  const state = STATES.get(item.optionalText("status")) ?? "done";
  const speaker = type === "message" ? SPEAKERS[item.keyOf("role", SPEAKERS)] : "assistant";
  trajectory.addMessage(item, { speaker, id: item.optionalExactText("id"), timestamp, state }, () => {
    if (isCall) readCall(item, type, trajectory);
    else if (type !== "message") readCallOutput(item, type, trajectory);
    else {
      const content = readContent(item, trajectory);
      // An answer in progress has no words yet.
      if (content !== null || state === "in-progress" || saysNothing(item)) trajectory.addText(content ?? "");
    }
  });
}
