import { createServer, type ServerResponse } from "node:http";

import { announce } from "../server-settings.ts";

// The least that a watcher can cost: bytes that are ready, written to each. Nothing is stored.
const watchers = new Set<ServerResponse>();
let revision = 0;

const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(":\n\n");
    watchers.add(response);
    response.once("close", () => watchers.delete(response));
    return;
  }
  revision += 1;
  const appended = { text: "word", offset: 4 * revision, fragment: 0 };
  const data = JSON.stringify({ data: { turnChanged: { appended, turn: { revision } } } });
  const event = Buffer.from(`id: ${revision}\nevent: next\ndata: ${data}\n\n`);
  for (const watcher of watchers) watcher.write(event);
  request.resume();
  response.writeHead(200, { "content-length": 2 }).end("{}");
});
announce(server);
