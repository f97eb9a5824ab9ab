import { appendFileSync } from "node:fs";

import { observeStatements } from "./observe.ts";
import { RECORD_IN } from "./recording.ts";

// Loaded by each process that a test starts, ahead of the program.

const file = process.env[RECORD_IN];
if (file !== undefined) observeStatements((seen) => appendFileSync(file, `${JSON.stringify(seen)}\n`));
