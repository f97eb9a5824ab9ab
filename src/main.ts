import { runCommandLine } from "./cli.ts";

// Whoever writes to a pipe that nobody reads any more learns it from the write; unheard, the event would end the process
// before its database is closed.
process.stdout.on("error", () => {});

process.exit(await runCommandLine(process.argv.slice(2), process.env));
