import { type Config, takesTokens } from "../config.ts";
import { isLoopback } from "../http/loopback.ts";
import { readInitialKey } from "../initial-key.ts";
import { callOf } from "../model/call-of.ts";
import { DEFAULT_PROJECT } from "../model/rules.ts";
import { adoptFirstKey, listKeys } from "../store/keys/keys.ts";
import { isMigrated, migrate } from "../store/schema/migrate.ts";
import type { OpenDatabase } from "./open-database.ts";
import { loadSamples } from "./samples.ts";

/** Makes the database ready to be served, as the settings ask for. Throws where others would reach it without a key. */
export async function prepareDatabase(config: Config, { database, dataDir }: OpenDatabase): Promise<void> {
  if (config.databaseReplicaUrls.length > 0 && database.isDistributed) {
    throw new Error("DATABASE_REPLICA_URLS is set, and the tables are distributed: unset it, as no replica has them.");
  }
  if (config.migrate) await migrate(database);
  const isReady = await isMigrated(database);
  if (isReady && config.initialKeyFile !== undefined) {
    await adoptFirstKey(database, readInitialKey(config.initialKeyFile), DEFAULT_PROJECT);
  }
  if (!isLoopback(config.host) && !takesTokens(config) && !(isReady && (await listKeys(database)).length > 0)) {
    throw new Error(
      `HOST ${config.host} can be reached by others, and without a key anyone may read and write everything.` +
        ` Create one with \`${callOf("keys")} create\`, or use 127.0.0.1.`,
    );
  }
  if (dataDir === null || !config.sampleData || !isReady) return;
  await loadSamples(database);
}
