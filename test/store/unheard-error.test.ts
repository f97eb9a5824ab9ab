import { once } from "node:events";
import { createServer } from "node:net";

import { expect, test } from "vitest";

import { dialOptions } from "../../src/store/database/dial.ts";

test("a connection that is refused once postgres.js has taken its listeners off does not end the process", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  server.close();
  await once(server, "close");
  const socket = dialOptions(() => {}).socket({ host: ["127.0.0.1"], port: [port], path: false });
  socket.removeAllListeners();
  // An error without a listener would be an uncaught exception, which fails the run. `once` would listen for it.
  const hadError = await new Promise((resolve) => socket.on("close", resolve));
  expect(hadError).toBe(true);
});
