import { isId } from "../../../model/ids.ts";
import type { Endpoint, Operation } from "../../dialect.ts";
import { conversationNotFound, invalidUrl } from "../errors.ts";
import { listConversations } from "../list.ts";
import { readFoundryParameters } from "../parameters.ts";
import { createConversation, deleteConversation, retrieveConversation, updateConversation } from "./conversation.ts";
import { createItems, deleteItem, listItems, retrieveItem } from "./items.ts";
import { checkInclude, readItemsParameters } from "./parameters.ts";
import { type Call, toCall } from "./place.ts";

/** An operation of the API at all of its mounts. */
interface Handler {
  check?(query: URLSearchParams): void;
  answer(call: Call): Promise<ReturnType<typeof invalidUrl>>;
}

/** The base of the API's URLs, of a project or not, and the endpoint of one agent. */
const MOUNT = `^(?:/api/projects/(?<project>[^/]+)(?:/agents/(?<agent>[^/]+)/endpoint/protocols(?=/openai/conversations))?)?/openai(?:/v1)?`;

function endpoint(path: string, methods: Partial<Record<keyof Endpoint["methods"], Handler>>): Endpoint {
  const operations = Object.entries(methods).map(([method, handler]) => [method, toOperation(handler)]);
  return { paths: new RegExp(`${MOUNT}${path}$`), methods: Object.fromEntries(operations) };
}

function toOperation({ check, answer }: Handler): Operation {
  return {
    check({ segments: { project } }, query) {
      // A key that does not open the project of the path makes the URL an unknown one, whatever its parameters are.
      if (project === undefined) check?.(query);
    },
    async answer(url, projectId, request) {
      const { project = projectId, conversation } = url.segments;
      if (project !== projectId) return invalidUrl(url.method, url.path);
      // No statement could even carry some of what is no id.
      if (conversation !== undefined && !isId(conversation)) throw conversationNotFound(null, conversation);
      return answer(toCall(url, request));
    },
  };
}

const CONVERSATION = "/conversations/(?<conversation>[^/]+)";
const checkItemsList = (query: URLSearchParams) => void readItemsParameters(query);

/** Every endpoint of the API. */
export const FOUNDRY_ENDPOINTS: readonly Endpoint[] = [
  endpoint("/conversations", {
    GET: { check: (query) => void readFoundryParameters(query), answer: listConversations },
    POST: { answer: createConversation },
  }),
  endpoint(CONVERSATION, {
    GET: { answer: retrieveConversation },
    POST: { answer: updateConversation },
    DELETE: { answer: deleteConversation },
  }),
  endpoint(`${CONVERSATION}/items`, {
    GET: { check: checkItemsList, answer: listItems },
    POST: { check: checkInclude, answer: createItems },
  }),
  endpoint(`${CONVERSATION}/items/(?<item>[^/]+)`, {
    GET: { check: checkInclude, answer: retrieveItem },
    DELETE: { answer: deleteItem },
  }),
];
