import { migrate } from "../store/schema/migrate.ts";
import { renewWords } from "../store/write/renew-words.ts";
import { defineCommand } from "./command.ts";
import { NOTHING_APPLIED, openDatabase } from "./open-database.ts";

export const migrateCommand = defineCommand({
  name: "migrate",
  summary: "Applies the migrations that the database lacks. Several at once are safe.",
  details:
    "What is stored is then made ready for them, without locking writers out. Where that is cut off, a server goes on with it.",
  options: {},
  positionals: [],
  async run({ config, out, signal }) {
    const { database, explain, close } = await openDatabase(config);
    try {
      const applied = await migrate(database);
      out(applied === 0 ? "nothing to migrate" : `applied ${applied} migrations`);
      // A server would go on with it in the background.
      await renewWords(database, signal);
      return 0;
    } catch (error) {
      throw await explain(error, NOTHING_APPLIED);
    } finally {
      await close();
    }
  },
});
