import { unpack } from "../store/backup/packing.ts";
import { restoreBackup } from "../store/backup/restore-backup.ts";
import { describeRows, explainBackupError } from "./backup-words.ts";
import { defineCommand } from "./command.ts";
import { openDatabase } from "./open-database.ts";
import { openInput } from "./open-input.ts";
import { startProgress } from "./progress.ts";
import { INTERRUPTED } from "./stop-signal.ts";

const KEPT =
  "It is restored as a whole or not at all: run it again, and it says that the database is not empty where it was done.";

export const restoreCommand = defineCommand({
  name: "restore",
  summary: "Restores a backup into an empty database; - reads standard input.",
  details: `Everything is as it was: ids, revisions, idempotency keys, keys. All of it is restored or nothing, in one transaction, for
which everything else that uses the database waits. The database gets the tables that it lacks. A backup of an earlier
version is migrated; its database has to be new. Afterwards the words of searches are made again in the background, as
the other database may have had another locale.`,
  options: {},
  positionals: ["FILE"],
  async run({ positionals: [file], signal, out, config }) {
    const input = await openInput(file, signal);
    const { database, explain, close } = await openDatabase(config);
    const progress = startProgress(input.size);
    let bytes = 0;
    input.stream.on("data", (piece: Buffer) => {
      bytes += piece.length;
    });
    try {
      const counts = await restoreBackup(database, unpack(input.stream), (_rows, counted) =>
        progress.update(bytes, counted.get("conversations") ?? 0),
      );
      progress.stop();
      out(`restored ${describeRows(counts)}`);
      return 0;
    } catch (error) {
      if (signal.aborted) return INTERRUPTED;
      throw await explain(explainBackupError(error, `${file} is not restored`), KEPT);
    } finally {
      progress.stop();
      await close();
    }
  },
});
