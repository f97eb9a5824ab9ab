import { once } from "node:events";

import { noSpaceLeft } from "../model/errors.ts";
import type { RunningServer } from "../server/server.ts";
import type { CommandContext } from "./command.ts";
import { type OpenDatabase, openDatabase } from "./open-database.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { beginRegularWork } from "./regular-work.ts";

/** What serving needs of a command's context. */
export type ServeContext = Pick<CommandContext, "config" | "log" | "signal" | "out">;

/**
 * Opens the database of the settings and makes it ready, has requests answered and does the regular work until the signal is
 * aborted, and ends all of it in the opposite order. `answer` resolves to null where the signal came before it listened.
 */
export async function serveUntilStopped(
  { config, log, signal, out }: ServeContext,
  answer: (opened: OpenDatabase) => Promise<RunningServer | null>,
): Promise<number> {
  const opened = await openDatabase(config);
  let stopRegular = async () => {};
  try {
    const { database, dataDir } = opened;
    if (dataDir !== null) log.info({ dataDir }, "embedded database");
    opened.onDeviceFull(() => log.error({ dataDir }, noSpaceLeft(`at ${dataDir}`)));
    await prepareDatabase(config, opened).catch(async (error) => {
      throw await opened.explain(error, "Start it again.");
    });
    if (signal.aborted) return 0;
    const server = await answer(opened);
    if (server === null) return 0;
    out(`listening on ${server.url}`);
    stopRegular = beginRegularWork(database, config, log);
    if (!signal.aborted) await once(signal, "abort");
    await server.close();
    return 0;
  } finally {
    await stopRegular();
    await opened.close();
  }
}
