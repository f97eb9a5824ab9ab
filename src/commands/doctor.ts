import { defineCommand } from "./command.ts";
import { examineDatabase } from "./doctor/database.ts";
import { type Finding, formatFinding } from "./doctor/finding.ts";
import { findMisspeltSettings } from "./doctor/misspelt-settings.ts";
import { examineNode } from "./doctor/node-version.ts";
import { examinePort } from "./doctor/port.ts";
import { describeRetention } from "./doctor/retention.ts";
import { examineTokens } from "./doctor/tokens.ts";

const SETTINGS_ARE_FINE: Finding = { level: "ok", subject: "settings", text: "each can be used" };

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Checks a setup and says what is wrong, one line each: ok, warn or fail. Changes nothing.",
  details: `Checks Node, the settings and names that are close to theirs, the tokens and their JWKS, the port, how long conversations are kept, the database with its encoding, letters and migrations, the keys, what is stored, the
machines of a Citus cluster and the replicas, with the server running or not. The exit status is 1 when anything fails.`,
  options: {
    items: { type: "boolean", description: "reads every conversation, and checks that turns say what their items do" },
  },
  positionals: [],
  reportFaults(faults, env, out) {
    out(formatFinding(examineNode(process.versions.node)));
    for (const text of faults) out(formatFinding({ level: "fail", subject: "settings", text }));
    for (const finding of findMisspeltSettings(env)) out(formatFinding(finding));
  },
  async run({ values, config, env, out }) {
    let failures = 0;
    const report = (finding: Finding) => {
      out(formatFinding(finding));
      if (finding.level === "fail") failures += 1;
    };
    report(examineNode(process.versions.node));
    report(SETTINGS_ARE_FINE);
    for (const finding of findMisspeltSettings(env)) report(finding);
    for await (const finding of examineTokens(config)) report(finding);
    report(await examinePort(config));
    report(describeRetention(config));
    for await (const finding of examineDatabase(config, values.items ?? false)) report(finding);
    return failures === 0 ? 0 : 1;
  },
});
