import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

import { createPacker } from "../store/backup/packing.ts";
import { estimateRows, writeBackup } from "../store/backup/write-backup.ts";
import { describeRows, explainBackupError } from "./backup-words.ts";
import { defineCommand, UsageError } from "./command.ts";
import { openDatabase } from "./open-database.ts";
import { openOutput } from "./open-output.ts";
import { startProgress } from "./progress.ts";
import { INTERRUPTED } from "./stop-signal.ts";

const KEPT = "What was written is not all, and the file that --out names is left as it was. Run it again.";

export const backupCommand = defineCommand({
  name: "backup",
  summary: "Writes the whole database to one file: every project, keys' hashes included.",
  details: `Writes one snapshot, packed, while the server runs or not; restore reads it. It has everything but the keys themselves, of
which only hashes are stored. The file gets its name when it is complete; its owner alone may read it. A database that lacks
migrations is written as it is.`,
  options: {
    out: { type: "string", placeholder: "FILE", description: "the file to write (required); - for standard output" },
    force: { type: "boolean", description: "replaces FILE" },
  },
  positionals: [],
  async run({ values, signal, config }) {
    const { out: file, force = false } = values;
    if (file === undefined || file === "") throw new UsageError("--out must name the file to write");
    const target = file === "-" ? undefined : file;
    if (target !== undefined && !force) await requireFree(target);
    const { database, explain, close } = await openDatabase(config);
    const progress = startProgress((await estimateRows(database).catch(() => 0)) || null);
    try {
      const output = await openOutput(target);
      let bytes = 0;
      try {
        const counts = await writeBackup(
          database,
          (content) =>
            pipeline(
              content,
              createPacker(),
              async (packed: AsyncIterable<Buffer>) => {
                for await (const piece of packed) {
                  bytes += piece.length;
                  await output.write(piece);
                }
              },
              { signal },
            ),
          (rows, counted) => progress.update(rows, counted.get("conversations") ?? 0),
        );
        await output.finish(true);
        progress.say(`backed up ${describeRows(counts)} (${bytes} bytes)`);
        return 0;
      } catch (error) {
        await output.finish(false);
        throw error;
      }
    } catch (error) {
      if (signal.aborted) return INTERRUPTED;
      throw await explain(explainBackupError(error, "The database cannot be backed up"), KEPT);
    } finally {
      progress.stop();
      await close();
    }
  },
});

async function requireFree(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  // A pipe or a device is written to, and never replaced.
  if (found?.isFile() === true) throw new Error(`${file} exists already: --force replaces it`);
}
