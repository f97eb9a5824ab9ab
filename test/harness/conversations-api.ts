/** What the Conversations API answers. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  text: string;
  // The shape depends on the call: the test asserts it.
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  body: any;
}

interface Origin {
  origin: string;
}

export type Method = "GET" | "POST" | "DELETE";

/** Calls the API at its documented mount; a string is sent as the body as it is, anything else as JSON. */
export async function callApi(
  { origin }: Origin,
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  const isSent = body !== undefined;
  const response = await fetch(`${origin}${path.startsWith("/api/") ? "" : "/openai/v1/conversations"}${path}`, {
    method,
    headers: { ...(isSent && { "content-type": "application/json" }), ...headers },
    ...(isSent && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === "" ? null : JSON.parse(text) };
}

/** Stores a conversation with these items; answers its id. */
export async function createWith(server: Origin, items: readonly object[] = [], headers = {}): Promise<string> {
  const { body } = await callApi(server, "POST", "", { items }, headers);
  return body.id;
}

/** Appends the items; answers them as they are stored. */
export async function addItems(server: Origin, id: string, items: readonly object[], headers = {}) {
  const { status, body, text } = await callApi(server, "POST", `/${id}/items`, { items }, headers);
  if (status !== 200) throw new Error(text);
  return body.data;
}

export function user(text: string) {
  return { type: "message", role: "user", content: text };
}

export function assistant(text: string) {
  return { type: "message", role: "assistant", content: text };
}

export function functionCall(callId: string, name: string, args = "{}") {
  return { type: "function_call", call_id: callId, name, arguments: args };
}

export function functionOutput(callId: string, output: string) {
  return { type: "function_call_output", call_id: callId, output };
}
