import { createServer } from "node:http";

import postgres from "postgres";

import { QUERIES } from "../queries.ts";
import { announce, readSettings } from "../server-settings.ts";
import { jsonStatement } from "./json-statements.ts";
import { floorStatement } from "./statements.ts";

// What PostgreSQL and node:http cost when nothing is done between them: with text put together, or with PostgreSQL's JSON.
const toStatement = process.argv[2] === "json_agg" ? jsonStatement : floorStatement;
const { databaseUrl, poolSize } = readSettings();
const sql = postgres(databaseUrl, { max: poolSize, fetch_types: false, connection: { TimeZone: "UTC" } });
const statements = new Map(QUERIES.map((query) => [`/${query.name}`, toStatement(query)]));

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://floor");
  const statement = statements.get(pathname);
  if (statement === undefined) {
    response.writeHead(404).end();
    return;
  }
  try {
    const values = statement.parameters.map((name) => searchParams.get(name));
    const [row] = await sql.unsafe(statement.text, values, { prepare: true }).raw();
    const body = row?.[0] ?? Buffer.from("null");
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
announce(server);
