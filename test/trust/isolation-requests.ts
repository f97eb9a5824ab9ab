import type { World } from "./isolation-worlds.ts";

/** Sends what a way asks for, and gives back all that its caller sees, as one text. */
export type Request = (world: World) => Promise<string>;

/** Every document that was sent, with its variables: the test looks for what no way asks for. */
export const SENT = new Set<string>();

/** A document over POST. */
export function graphql(query: string, variables: object = {}): Request {
  return async (world) => show(await post(world, "application/json", query, variables));
}

/** A list over REST. */
export function get(path: string): Request {
  return async ({ server, headers }) => show(await fetch(server.origin + path, { headers }));
}

/** An operation of the Conversations API. */
export function api(method: string, path: string, body?: object): Request {
  return async ({ server, headers }) => {
    const types = body === undefined ? {} : { "content-type": "application/json" };
    const init = { method, headers: { ...headers, ...types }, body: body === undefined ? null : JSON.stringify(body) };
    const response = await fetch(server.origin + path, init);
    return comparable(response, (await response.text()).replace(MADE, "MADE"));
  };
}

// The id and the time of a conversation that is made by the call.
const MADE = /conv_[0-9a-f]{32}","object":"conversation","created_at":\d+/;

/** Several requests, one after the other. */
export function inTurn(...requests: readonly Request[]): Request {
  return async (world) => {
    const seen: string[] = [];
    for (const request of requests) seen.push(await request(world));
    return seen.join("\n");
  };
}

const WATCH = `subscription ($conversationId: ID!, $afterRevision: Int) {
  turnChanged(conversationId: $conversationId, afterRevision: $afterRevision) {
    turn { position revision messages { __typename ... on TextFragment { content } } }
  }
}`;

const WATCH_LIST = `subscription ($filter: ConversationFilter, $after: String) {
  conversationChanged(filter: $filter, after: $after) {
    left deletedConversationId conversationEdge { node { id metadata } } turnEdge { node { position } }
  }
}`;

interface Expected {
  expected?: number;
  ending?: Request;
  /** How many events come after the ending where nothing is wrong, the stream's end among them. */
  last?: number;
}

/**
 * A subscription, up to its end or that many events. After `expected` of them `ending` is sent, which is to end the stream.
 */
export function watch(
  variables: { conversationId: string; afterRevision: number | null },
  expected?: Expected,
): Request {
  return subscribe(WATCH, variables, expected);
}

/** The same of a list, which ends with one more event. Cursors are left out: they hold the time. */
export function watchList(variables: { filter?: object; after: string }, expected: Expected): Request {
  const asked = subscribe(WATCH_LIST, variables, { last: 1, ...expected });
  return async (world) => (await asked(world)).replaceAll(/id: [0-9a-z]+\.[\w-]*/g, "id: CURSOR");
}

function subscribe(
  query: string,
  variables: object,
  { expected = 0, ending = async () => "", last = 2 }: Expected = {},
): Request {
  return async (world) => {
    const response = await post(world, "text/event-stream", query, variables);
    const seen: string[] = [];
    for await (const event of readEvents(response)) {
      seen.push(event);
      if (seen.length === expected) await ending(world);
      if (seen.length >= expected + last) break;
    }
    return comparable(response, seen.join("\n"));
  };
}

function post({ server, headers }: World, accept: string, query: string, variables: object): Promise<Response> {
  const body = JSON.stringify({ query, variables });
  SENT.add(body);
  return fetch(`${server.origin}/graphql`, {
    method: "POST",
    headers: { ...headers, accept, "content-type": "application/json" },
    body,
  });
}

async function show(response: Response): Promise<string> {
  return comparable(response, await response.text());
}

/** The answer byte for byte: status, headers and body. Only the time and the request's id are left out. */
function comparable(response: Response, body: string): string {
  const {
    date: _date,
    "content-length": _length,
    "x-request-id": requestId = "",
    ...headers
  } = Object.fromEntries(response.headers);
  return JSON.stringify([response.status, headers, body.replaceAll(requestId, "REQUEST")]);
}

async function* readEvents({ body }: Response): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const events = (rest + piece).split("\n\n");
    rest = events.pop() ?? "";
    // A comment keeps the connection open, and comes with the time.
    yield* events.filter((event) => !event.startsWith(":"));
  }
}
