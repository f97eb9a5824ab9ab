import { countWorkers } from "../config.ts";
import { answerRequests } from "./answer-requests.ts";
import { defineCommand } from "./command.ts";
import { serveUntilStopped } from "./serve-until-stopped.ts";

export const serveCommand = defineCommand({
  name: "serve",
  summary: "Starts the server (what `npm start` does).",
  details: "SIGTERM and SIGINT stop it: running requests end first. A second signal, a second later, cuts them off.",
  options: {},
  positionals: [],
  async run(context) {
    const { config, log } = context;
    const workers = countWorkers(config);
    if (workers === 1) return serveUntilStopped(context, ({ database }) => answerRequests(config, database, log));
    // Imported only when it is wanted: a server of one process has no part in a cluster.
    const { serveByWorkers } = await import("./workers/serve-by-workers.ts");
    return serveByWorkers(context, workers);
  },
});
