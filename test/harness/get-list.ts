/** An answer of one of the REST lists, whatever its status. */
export interface ListAnswer<Body> {
  status: number;
  headers: Headers;
  /** The body as it came. */
  text: string;
  body: Body;
}

/** The members of the Foundry list's body; an error has only `error`, a list has the others. */
export interface FoundryBody {
  data: { id: string; object: string; created_at: number; metadata: Record<string, string> }[];
  first_id?: string;
  last_id?: string;
  has_more: boolean;
  error: { message: string; type: string; param: string | null; code: string | null };
}

interface FixieFragment {
  kind: string;
  [member: string]: unknown;
}

export interface FixieTurn {
  id: string;
  timestamp: string;
  role: string;
  messages: FixieFragment[];
  state: string;
  errorDetail?: string;
  inReplyToId?: string;
}

/** The members of the Fixie list's body. */
export interface FixieBody {
  conversations: { id: string; turns: FixieTurn[] }[];
  pageInfo: { requestedPageSize: number; requestedOffset: number; totalResultCount: number };
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  param?: string;
}

interface Origin {
  origin: string;
}

type Query = string | Record<string, string>;

/** Requests the Foundry list at its documented path. */
export function getFoundry({ origin }: Origin, query: Query = "", headers: Record<string, string> = {}) {
  return getJson<FoundryBody>(`${origin}/openai/v1/conversations?${toQuery(query)}`, { headers });
}

/** Requests the Fixie list of the agent. The id goes into the path unescaped. */
export function getFixie({ origin }: Origin, agentId: string, query: Query = "", headers: Record<string, string> = {}) {
  return getJson<FixieBody>(`${origin}/api/v1/agents/${agentId}/conversations?${toQuery(query)}`, { headers });
}

/** Requests any URL that answers with JSON. The type parameter names the body's shape; the test asserts it. */
export async function getJson<Body>(url: string, init: RequestInit = {}): Promise<ListAnswer<Body>> {
  const response = await fetch(url, init);
  const text = await response.text();
  const body: Body = JSON.parse(text);
  return { status: response.status, headers: response.headers, text, body };
}

/** The ids of the conversations on a page, in its order. */
export function idsOf({ body }: ListAnswer<FoundryBody> | ListAnswer<FixieBody>): string[] {
  return ("data" in body ? body.data : body.conversations).map(({ id }) => id);
}

function toQuery(query: Query): string {
  return typeof query === "string" ? query : new URLSearchParams(query).toString();
}
