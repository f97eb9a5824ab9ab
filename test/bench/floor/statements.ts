import type { Query } from "../queries.ts";

export interface Statement {
  text: string;
  /** The parameters' names in order, as they stand in the request's query string. */
  parameters: string[];
}

/**
 * The one statement whose single value is the whole answer to the query: the stored bytes with as little around them as
 * the answer needs. Nothing in it is escaped that the generated data does not need escaped.
 */
export function floorStatement(query: Query): Statement {
  return query.first === null ? nodeStatement(query) : listStatement(query, query.first);
}

const CONDITIONS = {
  user: { text: "isolation_key = $", names: ["user"] },
  agentName: { text: "agent_name = $", names: ["agentName"] },
  agent: { text: "agent_name = $ AND agent_version = $", names: ["agentName", "agentVersion"] },
  place: { text: "(created_at, id) < ($::timestamptz, $)", names: ["createdAt", "id"] },
} as const;

/** Which conversations a list is of: the rows' source, the clause that skips some, and the parameters of both. */
export function listSource(query: Query): { list: string; offset: string; parameters: string[] } {
  const parameters: string[] = [];
  const numbered = ({ text, names }: { text: string; names: readonly string[] }) => {
    let next = parameters.length;
    parameters.push(...names);
    return text.replaceAll("$", () => {
      next += 1;
      return `$${next}`;
    });
  };
  const where = ["project_id = 'default'"];
  for (const name of query.by) {
    if (name !== "offset" && name !== "id") where.push(numbered(CONDITIONS[name]));
  }
  const offset = query.by.includes("offset") ? numbered({ text: " OFFSET $::integer", names: ["offset"] }) : "";
  return { list: `FROM conversations WHERE ${where.join(" AND ")}`, offset, parameters };
}

function listStatement(query: Query, first: number): Statement {
  const { list, offset, parameters } = listSource(query);
  const text = `
    WITH page AS MATERIALIZED (
      SELECT *, row_number() OVER () AS n FROM (
        SELECT id, created_at, metadata ${list} ORDER BY created_at DESC, id DESC LIMIT ${first + 1}${offset}
      ) AS found
    )
    SELECT ${envelope(query, first, list)} AS answer`;
  return { text, parameters };
}

function envelope(query: Query, first: number, list: string): string {
  const rows = `coalesce((SELECT string_agg(${conversation(query)}, ',') FROM page WHERE n <= ${first}), '')`;
  const more = `(SELECT count(*) > ${first} FROM page)::text`;
  const end = (value: string) => `(SELECT ${value} FROM page WHERE n <= ${first} ORDER BY n DESC LIMIT 1)`;
  const total = `(SELECT count(*) ${list})::text`;
  switch (query.surface) {
    case "foundry":
      return `'{"data":[' || ${rows} || '],"first_id":"' || (SELECT id FROM page WHERE n = 1)
        || '","last_id":"' || ${end("id")} || '","has_more":' || ${more} || '}'`;
    case "fixie":
      return `'{"conversations":[' || ${rows} || '],"pageInfo":{"requestedPageSize":${first},"requestedOffset":0,"totalResultCount":'
        || ${total} || '}}'`;
    case "graphql":
      return `'{"data":{"conversations":{${query.total ? `"totalCount":' || ${total} || ',` : ""}"nodes":[' || ${rows}
        || '],"pageInfo":{"hasNextPage":' || ${more} || ',"endCursor":"' || ${end("created_at || id")} || '"}}}}'`;
  }
}

function conversation({ surface, details, turns }: Query): string {
  const created = {
    graphql: `',"createdAt":' || to_json(created_at)::text`,
    foundry: `',"object":"conversation","created_at":' || floor(extract(epoch FROM created_at))::text`,
    fixie: "''",
  }[surface];
  const described = details ? ` || ${created} || ',"metadata":' || metadata::text` : "";
  return `'{"id":"' || page.id || '"'${described}${turns === null ? "" : ` || ${turnsOf(surface, turns)}`} || '}'`;
}

function turnsOf(surface: Query["surface"], turns: NonNullable<Query["turns"]>): string {
  const source = "FROM turns WHERE project_id = 'default' AND conversation_id = page.id";
  if (turns === "all") {
    return `(SELECT ',"turns":[' || coalesce(string_agg(${turn(surface)}, ','), '') || ']' FROM (
      SELECT * ${source} ORDER BY position) AS t)`;
  }
  if ("first" in turns) {
    return `(SELECT ',"turns":{"nodes":[' || coalesce(string_agg(${turn(surface)}, ',') FILTER (WHERE position <= ${turns.first}), '')
      || '],"pageInfo":{"hasNextPage":' || (count(*) > ${turns.first})::text || '}}' FROM (
      SELECT * ${source} ORDER BY position LIMIT ${turns.first + 1}) AS t)`;
  }
  return `(SELECT ',"turns":{"nodes":[' || string_agg(${turn(surface)}, ',' ORDER BY position)
    || '],"pageInfo":{"hasPreviousPage":' || (min(position) > 1)::text || '}}' FROM (
    SELECT * ${source} ORDER BY position DESC LIMIT ${turns.last}) AS t)`;
}

function turn(surface: Query["surface"]): string {
  const numbers =
    surface === "graphql" ? `'","position":' || position || ',"revision":' || revision || ',"role":"'` : `'","role":"'`;
  return `'{"id":"' || t.id || ${numbers} || role || '","state":"' || state || '","timestamp":' || to_json(timestamp)::text
    || ',"messages":' || messages::text || coalesce(',"errorDetail":' || to_json(error_detail)::text, '')
    || coalesce(',"inReplyToId":"' || in_reply_to_id || '"', '') || '}'`;
}

function nodeStatement(query: Query): Statement {
  const text = `
    WITH page AS MATERIALIZED (
      SELECT id, created_at, metadata FROM conversations WHERE project_id = 'default' AND id = $1
    )
    SELECT '{"data":{"node":' || ${conversation(query)} || '}}' AS answer FROM page`;
  return { text, parameters: ["id"] };
}
