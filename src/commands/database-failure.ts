import { isDiskFull, noSpaceLeft, sqlState, toApiError } from "../model/errors.ts";
import { reasonOf } from "./reason.ts";

/** The place of a command's database, for messages. */
export interface DatabasePlace {
  /** Such as "the database at localhost:5432". */
  name: string;
  /** The place of its device, such as "at /data" or "of the database at localhost:5432". */
  device: string;
  /** Whether the device is full, or was at some time since the database was opened; false where that cannot be seen. */
  wasDeviceFull(): Promise<boolean>;
}

/**
 * The error that explains a failure of the database in the middle of a command; `kept` says what the failure leaves
 * behind. Resolves to any other error unchanged.
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

/**
 * Whether the database went away or refuses connections. Locks and conflicts pass too, and their own messages say so.
 */
function isLostDatabase(error: unknown): boolean {
  return toApiError(error).code === "SERVICE_UNAVAILABLE" && /^(08|53|57P|$)/.test(sqlState(error) ?? "");
}
