import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import postgres from "postgres";

import { announce, readSettings } from "../server-settings.ts";

// The least that an append can cost: one statement adds a row of text and counts the turn's revision, and nothing else is kept.
const { databaseUrl, poolSize } = readSettings();
const sql = postgres(databaseUrl, { max: poolSize, fetch_types: false });
const APPEND = `
  WITH head AS (UPDATE floor_heads SET revision = revision + 1 WHERE id = $1 RETURNING id, revision)
  INSERT INTO floor_chunks SELECT id, revision, $2 FROM head RETURNING revision`;

const server = createServer(async (request, response) => {
  try {
    const { id, appendText } = JSON.parse(await text(request));
    const [row] = await sql.unsafe(APPEND, [id, appendText], { prepare: true });
    const body = `{"revision":${row?.revision}}`;
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
announce(server);
