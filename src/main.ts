import { runCommandLine } from "./cli.ts";

// A write to a closed pipe fails by itself; without a listener the event would also end the process before its database is
// closed.
process.stdout.on("error", () => {});

process.exit(await runCommandLine(process.argv.slice(2), process.env));
