import { isDiskFull, noSpaceLeft, sqlState, toApiError } from "../model/errors.ts";
import { reasonOf } from "./reason.ts";

/** Where the database of a command is, for messages. */
export interface DatabasePlace {
  /** Such as "the database at localhost:5432". */
  name: string;
  /** Where its device is, such as "at /data" or "of the database at localhost:5432". */
  device: string;
  /** Whether the device is full, or was at a time since the database was opened; false where that cannot be seen. */
  wasDeviceFull(): Promise<boolean>;
}

/**
 * A failure of the database in the middle of a command, in words that say what failed where; `kept` says what that leaves
 * behind. Any other error as it is.
 */
export async function explainFailure(error: unknown, place: DatabasePlace, kept: string): Promise<unknown> {
  const isLost = isLostDatabase(error);
  // PostgreSQL ends all connections when it finds no space for its write-ahead log.
  if (isDiskFull(error) || (isLost && (await place.wasDeviceFull()))) {
    return new Error(`${noSpaceLeft(place.device)}. Free some. ${kept}`.trimEnd(), { cause: error });
  }
  if (!isLost) return error;
  return new Error(
    `The connection to ${place.name} was lost (${reasonOf(error).replace(/\.$/, "")}). ${kept}`.trimEnd(),
    {
      cause: error,
    },
  );
}

/** Whether the database went away, or lets nobody in. Locks and conflicts, which pass too, say themselves what they are. */
function isLostDatabase(error: unknown): boolean {
  return toApiError(error).code === "SERVICE_UNAVAILABLE" && /^(08|53|57P|$)/.test(sqlState(error) ?? "");
}
