import { resolveDrizzleQuickly } from "./package-resolution.ts";

// A pipe without a reader fails the write with an event: without a listener it would end the process before its
// database is closed.
process.stdout.on("error", () => {});

resolveDrizzleQuickly();
const { runCommandLine } = await import("./cli.ts");
process.exit(await runCommandLine(process.argv.slice(2), process.env));
