import { readFileSync } from "node:fs";

import type { Finding } from "./finding.ts";

/** Whether this version of Node runs the program, by the range in package.json. */
export function examineNode(version: string): Finding {
  const { engines }: { engines: { node: string } } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  const needed = Number.parseInt(engines.node.replace(">=", ""), 10);
  if (Number.parseInt(version, 10) >= needed) return { level: "ok", subject: "Node", text: version };
  const text = `${version} runs, and ${needed} is needed. npm's scripts run the one that \`npm install\` brings.`;
  return { level: "fail", subject: "Node", text };
}
