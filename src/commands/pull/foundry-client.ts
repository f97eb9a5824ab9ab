import OpenAI from "openai";
import { ConversationCursorPage } from "openai/core/pagination";

import { isJsonObject } from "../../model/json.ts";
import type { ListAfter } from "./cursor-pages.ts";
import type { PullSettings } from "./pull-settings.ts";
import { type Ask, ServiceError } from "./service.ts";

const PAGE_SIZE = 100;

export interface FoundryClient {
  listConversations: ListAfter;
  listItems(conversationId: string, ...args: Parameters<ListAfter>): ReturnType<ListAfter>;
}

/**
 * Both lists, oldest first, through the official client, which knows their URLs and pages; `ask` sends, retries and
 * reads the requests. The lists throw what `ask` throws, and ServiceError for an answer that is no such list.
 */
export function connectFoundry({ url, agent }: PullSettings, ask: Ask): FoundryClient {
  let failure: unknown;
  const client = new OpenAI({
    baseURL: `${url.origin}${basePath(url.pathname)}`,
    defaultQuery: Object.fromEntries(url.searchParams),
    // The headers are those of `ask`: the client would take some from environment variables of OpenAI's.
    apiKey: "unused",
    maxRetries: 0,
    logLevel: "off",
    fetch: async (address) => {
      try {
        return new ParsedAnswer(checkList(await ask(String(address))));
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  });
  /** Unwraps the errors of `ask` from those of the client. */
  async function unwrapped<Page>(list: () => PromiseLike<Page>): Promise<Page> {
    failure = undefined;
    try {
      return await list();
    } catch (error) {
      throw failure ?? error;
    }
  }
  const filter = agent === null ? {} : agent.includes(":") ? { agent_id: agent } : { agent_name: agent };
  const place = (after: string | null) => ({
    limit: PAGE_SIZE,
    order: "asc" as const,
    ...(after !== null && { after }),
  });
  return {
    listConversations: (after) => {
      const query = { ...place(after), ...filter };
      return unwrapped(() => client.getAPIList("/conversations", ConversationCursorPage<unknown>, { query }));
    },
    listItems: (id, after) => unwrapped(() => client.conversations.items.list(id, place(after))),
  };
}

/** An answer that was parsed already: the client would parse it again, and lose digits. */
class ParsedAnswer extends Response {
  readonly #document: unknown;

  constructor(document: unknown) {
    super(null, { headers: { "content-type": "application/json" } });
    this.#document = document;
  }

  override async json(): Promise<unknown> {
    return this.#document;
  }
}

/**
 * The path of the OpenAI base URL in front of `/conversations`, which is added to an endpoint without it, such as a
 * project's.
 */
function basePath(path: string): string {
  const base = path.replace(/\/(conversations)?$/, "");
  return /\/(openai|v1)$/.test(base) ? base : `${base}/openai/v1`;
}

/** The list, checked: the client would treat anything else as an empty list. */
function checkList(document: unknown): unknown {
  if (isJsonObject(document) && Array.isArray(document.data)) return document;
  const looksLikeFixie = isJsonObject(document) && Array.isArray(document.conversations);
  const hint = looksLikeFixie ? "this looks like Fixie's: use --from fixie" : "is --url right?";
  throw new ServiceError(`The answer is not Foundry's list {data, has_more}: ${hint}`, 200);
}
