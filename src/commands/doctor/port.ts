import { once } from "node:events";
import { createServer } from "node:net";
import type { Config } from "../../config.ts";
import { explainListenError } from "../listen-error.ts";
import { codeOf } from "../reason.ts";
import type { Finding } from "./finding.ts";

const ASK_MS = 1000;

/**
 * Whether a server can listen at the address of the settings. A server of this program that already listens there
 * counts as well.
 */
export async function examinePort(config: Pick<Config, "host" | "port">): Promise<Finding> {
  const { host, port } = config;
  try {
    const server = createServer().listen({ port, host });
    await once(server, "listening");
    server.close();
    const text = port === 0 ? `a free one is taken on ${host}` : `${port} is free on ${host}`;
    return { level: "ok", subject: "port", text };
  } catch (error) {
    if (codeOf(error) === "EADDRINUSE" && (await isOurServer(config))) {
      return { level: "ok", subject: "port", text: `a server of this program listens on ${port} of ${host}` };
    }
    const explained = explainListenError(error, config);
    return { level: "fail", subject: "port", text: explained instanceof Error ? explained.message : String(explained) };
  }
}

/** Whether the program that listens there answers as this one does. */
async function isOurServer({ host, port }: Pick<Config, "host" | "port">): Promise<boolean> {
  const address = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const origin = `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  try {
    const response = await fetch(`${origin}/health/live`, { signal: AbortSignal.timeout(ASK_MS) });
    await response.body?.cancel();
    return response.headers.get("x-request-id")?.startsWith("req_") === true;
  } catch {
    return false;
  }
}
