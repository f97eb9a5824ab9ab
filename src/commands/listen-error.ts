import type { Config } from "../config.ts";
import { codeOf } from "./reason.ts";

/** Node's error for an address that is not available, worded after the settings; any other error unchanged. */
export function explainListenError(cause: unknown, { host, port }: Pick<Config, "host" | "port">): unknown {
  switch (codeOf(cause)) {
    case "EADDRINUSE":
      return new Error(
        `PORT ${port} is taken on ${host}. Stop what listens there, or set PORT to another; 0 takes a free one.`,
        { cause },
      );
    case "EACCES":
      return new Error(
        `PORT ${port} may not be opened by this account. Set PORT to 1024 or more; 0 takes a free one.`,
        { cause },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Error(`HOST ${host} is not an address of this machine. Use 127.0.0.1, or an address that it has.`, {
        cause,
      });
    default:
      return cause;
  }
}
