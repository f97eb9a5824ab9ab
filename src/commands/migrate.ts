import { migrate } from "../store/schema/migrate.ts";
import { defineCommand } from "./command.ts";
import { openDatabase } from "./open-database.ts";

export const migrateCommand = defineCommand({
  name: "migrate",
  summary: "Applies the migrations that the database lacks. Several at once are safe.",
  options: {},
  positionals: [],
  async run({ config, out }) {
    const { database, close } = await openDatabase(config);
    try {
      const applied = await migrate(database);
      out(applied === 0 ? "nothing to migrate" : `applied ${applied} migrations`);
      return 0;
    } finally {
      await close();
    }
  },
});
