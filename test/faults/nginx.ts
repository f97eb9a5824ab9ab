import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { vi } from "vitest";

import { isRoot, postgresAccount } from "../../src/store/embedded/account.ts";
import { programOptions } from "../../src/store/embedded/run-program.ts";
import { newOpenFolder } from "../harness/database-folder.ts";
import { freePort } from "./postgres-server.ts";

/** An nginx in front of a server. */
export interface Nginx {
  /** Passes requests on by nginx's own defaults: HTTP/1.0, a connection for each request, answers buffered. */
  byDefault: string;
  /** Keeps its connections to the server for as long as nginx does by default, 60 s. */
  keepingAlive: string;
  /** The same for a second: those that are idle for longer are closed by nginx. */
  keepingBriefly: string;
  stop(): Promise<void>;
}

/** Starts nginx in a folder of its own, as an ordinary user, listening on loopback. */
export async function startNginx(program: string, origin: string): Promise<Nginx> {
  const folder = await newOpenFolder();
  const [byDefault, keepingAlive, keepingBriefly] = [await freePort(), await freePort(), await freePort()];
  const file = join(folder, "nginx.conf");
  await writeFile(file, configuration(folder, new URL(origin).host, { byDefault, keepingAlive, keepingBriefly }));
  const process = spawn(program, ["-p", folder, "-c", file, "-e", join(folder, "error.log")], {
    ...programOptions(isRoot() ? postgresAccount() : {}),
    stdio: "ignore",
  });
  const ended = once(process, "exit");
  const at = (port: number) => `http://127.0.0.1:${port}`;
  await vi.waitUntil(() => isThere(at(byDefault)), { timeout: 10_000 });
  return {
    byDefault: at(byDefault),
    keepingAlive: at(keepingAlive),
    keepingBriefly: at(keepingBriefly),
    async stop() {
      process.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

function configuration(folder: string, server: string, ports: Record<string, number>): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  // A server without keys answers under loopback hosts only.
  const kept = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;';
  const listen = (port: number | undefined, upstream: string, more: string) =>
    `server { listen 127.0.0.1:${port}; location / { proxy_pass http://${upstream}; ${more} } }`;
  return `
    daemon off; master_process off; pid ${join(folder, "nginx.pid")}; worker_processes 1;
    events { worker_connections 256; }
    http {
      access_log off; ${temporary.join(" ")}
      upstream kept { server ${server}; keepalive 16; }
      upstream kept_briefly { server ${server}; keepalive 16; keepalive_timeout 1s; }
      ${listen(ports.byDefault, server, "")}
      ${listen(ports.keepingAlive, "kept", kept)}
      ${listen(ports.keepingBriefly, "kept_briefly", kept)}
    }`;
}

async function isThere(origin: string): Promise<boolean> {
  return fetch(`${origin}/health/live`).then(
    ({ ok }) => ok,
    () => false,
  );
}
