import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

import type { Conversation } from "openai/resources/conversations/conversations";
import type { ConversationItem } from "openai/resources/conversations/items";

/** What a stand-in gives for a request. A `cut` answer breaks off in the middle, a `lost` one before it begins. */
export type Reply =
  | { status?: number; headers?: Record<string, string>; body: unknown; cut?: boolean }
  | "lost"
  | "silence";

interface Request {
  url: URL;
  headers: IncomingHttpHeaders;
}

export type Answer = (request: Request) => Reply | Promise<Reply>;

export interface StandIn {
  /** Without a path. */
  origin: string;
  /** Path and query of every request so far. */
  asked: string[];
  close(): Promise<void>;
}

/** A service on a free port that gives these answers; a text is sent as it is, anything else as JSON. */
export async function startStandIn(answer: Answer): Promise<StandIn> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "", "http://stand-in");
    asked.push(`${url.pathname}${url.search}`);
    const reply = await answer({ url, headers: request.headers });
    if (reply === "silence") return;
    if (reply === "lost") {
      request.socket.resetAndDestroy();
      return;
    }
    const body = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
    response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
    if (reply.cut === true) response.write(body.slice(0, body.length / 2), () => request.socket.resetAndDestroy());
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface FoundryConversation extends Conversation {
  metadata: Record<string, string>;
  /** `name:version`. */
  agent?: string;
  /** The isolation key of its user. */
  user?: string;
  items: ConversationItem[];
}

const LIST_PATH = "/api/projects/p/openai/v1/conversations";

/** Foundry as it is documented: the list under a project, and the items of each conversation. The list may change later. */
export function foundry(conversations: readonly FoundryConversation[], key: string | null = null): Answer {
  return ({ url, headers }) => {
    if (key !== null && headers["api-key"] !== key) return foundryError(401, "invalid_api_key", "Access denied.");
    const rest = url.pathname.startsWith(LIST_PATH) ? url.pathname.slice(LIST_PATH.length) : null;
    if (rest === "") {
      const [name, id] = [url.searchParams.get("agent_name"), url.searchParams.get("agent_id")];
      const user = headers["x-ms-user-isolation-key"];
      const listed = conversations
        .filter(({ agent }) => (name === null || agent?.split(":")[0] === name) && (id === null || agent === id))
        .filter((conversation) => user === undefined || conversation.user === user)
        .map(({ id: own, created_at, metadata }) => ({ id: own, object: "conversation", created_at, metadata }));
      return foundryPage(
        listed.toSorted((a, b) => a.created_at - b.created_at),
        url.searchParams,
      );
    }
    const wanted = decodeURIComponent(rest?.match(/^\/([^/]+)\/items$/)?.[1] ?? "");
    if (wanted === "") return foundryError(404, null, `Invalid URL (GET ${url.pathname})`);
    const found = conversations.find(({ id }) => id === wanted);
    if (found === undefined) return foundryError(404, null, `Conversation with id '${wanted}' not found.`);
    return foundryPage(found.items, url.searchParams, { object: "list" });
  };
}

/** An error in Foundry's envelope. */
export function foundryError(status: number, code: string | null, message: string): Reply {
  return { status, body: { error: { message, type: "invalid_request_error", param: null, code } } };
}

/** A page of elements that stand oldest first. */
function foundryPage(ascending: readonly { id?: string }[], query: URLSearchParams, more: object = {}): Reply {
  const all = query.get("order") === "asc" ? ascending : ascending.toReversed();
  const after = query.get("after");
  const place = all.findIndex(({ id }) => id === after);
  if (after !== null && place < 0) return foundryError(404, null, `Conversation with id '${after}' not found.`);
  const limit = Number(query.get("limit") ?? 20);
  const data = all.slice(place + 1, place + 1 + limit);
  const ends = data.length === 0 ? {} : { first_id: data.at(0)?.id, last_id: data.at(-1)?.id };
  return { body: { ...more, data, ...ends, has_more: place + 1 + limit < all.length } };
}

export interface FixieConversation {
  id: string;
  turns: object[];
}

/** Fixie as it is documented: the list of the agent `desk`, in the order given. The list may change later. */
export function fixie(conversations: readonly FixieConversation[], key: string | null = null): Answer {
  return ({ url, headers }) => {
    if (key !== null && headers.authorization !== `Bearer ${key}`) return { status: 401, body: "Unauthorized" };
    if (url.pathname !== "/api/v1/agents/desk/conversations") return { status: 404, body: "Not Found" };
    const [offset, limit] = ["offset", "limit"].map((name) => Number(url.searchParams.get(name) ?? 0));
    const pageInfo = { requestedPageSize: limit, requestedOffset: offset, totalResultCount: conversations.length };
    return { body: { conversations: conversations.slice(offset, Number(offset) + Number(limit)), pageInfo } };
  };
}
