import type { Query } from "../queries.ts";
import { listSource, type Statement } from "./statements.ts";

/**
 * The one statement that servers which leave an answer to PostgreSQL send (Hasura, pg_graphql, PostgREST): `row_to_json` for
 * each object, `json_agg` for each list, a lateral join for each list within. Every surface's query in GraphQL's form.
 */
export function jsonStatement(query: Query): Statement {
  if (query.first === null) return nodeStatement(query);
  const { list, offset, parameters } = listSource(query);
  const { first } = query;
  const info = query.surface === "fixie" ? "" : `, 'pageInfo', json_build_object('hasNextPage', count(*) > ${first})`;
  const total = query.total ? `'totalCount', (SELECT count(*) ${list}), ` : "";
  const text = `
    SELECT json_build_object('data', json_build_object('conversations', json_build_object(
      ${total}'nodes', coalesce(json_agg(row_to_json(node)) FILTER (WHERE n <= ${first}), '[]')${info}))) AS answer
    FROM (SELECT row_number() OVER () AS n, found.* FROM (
      SELECT id, created_at, metadata ${list} ORDER BY created_at DESC, id DESC LIMIT ${first + 1}${offset}
    ) AS found) AS page
    ${nodeOf(query)}`;
  return { text, parameters };
}

function nodeStatement(query: Query): Statement {
  const text = `
    SELECT json_build_object('data', json_build_object('node', row_to_json(node))) AS answer
    FROM (SELECT id, created_at, metadata FROM conversations WHERE project_id = 'default' AND id = $1) AS page
    ${nodeOf(query)}`;
  return { text, parameters: ["id"] };
}

/** What is shown of each row of the page. */
function nodeOf({ surface, details, turns }: Query): string {
  const columns = ["page.id", ...(details ? [`page.created_at AS "createdAt"`, "page.metadata"] : [])];
  if (turns !== null) columns.push("list.turns");
  return `${turns === null ? "" : turnsOf(turns, surface === "graphql")} CROSS JOIN LATERAL (SELECT ${columns.join(", ")}) AS node`;
}

const TURN = `t.id, t.role, t.state, t.timestamp, t.messages, t.error_detail AS "errorDetail",
  t.in_reply_to_id AS "inReplyToId"`;

function turnsOf(turns: NonNullable<Query["turns"]>, numbered: boolean): string {
  const source = "FROM turns WHERE project_id = 'default' AND conversation_id = page.id ORDER BY position";
  const [rows, shown, info] = bounds(turns, source);
  return `
    LEFT JOIN LATERAL (
      SELECT json_build_object('nodes', coalesce(json_agg(row_to_json(turn) ORDER BY t.position)${shown}, '[]')${info}) AS turns
      FROM (SELECT * ${rows}) AS t CROSS JOIN LATERAL (SELECT ${numbered ? "t.position, t.revision, " : ""}${TURN}) AS turn
    ) AS list ON true`;
}

function bounds(turns: NonNullable<Query["turns"]>, source: string): [rows: string, shown: string, pageInfo: string] {
  if (turns === "all") return [source, "", ""];
  if ("first" in turns) {
    const { first } = turns;
    const info = `, 'pageInfo', json_build_object('hasNextPage', count(*) > ${first})`;
    return [`${source} LIMIT ${first + 1}`, ` FILTER (WHERE t.position <= ${first})`, info];
  }
  const info = ", 'pageInfo', json_build_object('hasPreviousPage', min(t.position) > 1)";
  return [`${source} DESC LIMIT ${turns.last}`, "", info];
}
