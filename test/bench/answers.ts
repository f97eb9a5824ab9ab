import { z } from "zod";

import type { Query } from "./queries.ts";

/** What an answer says, in one form for every server. Instants in milliseconds, or in the seconds that Foundry's list has. */
export interface Answer {
  conversations: object[];
  more: boolean | null;
  total: number | null;
}

const spelled = z.string().transform((value) => value.toLowerCase().replace("_", "-"));
const instant = z.string().transform((text) => Date.parse(text));

const KINDS = new Map([
  ["TextFragment", "text"],
  ["FunctionCallFragment", "functionCall"],
  ["FunctionResponseFragment", "functionResponse"],
]);

const FRAGMENT = z
  .looseObject({ __typename: z.string().optional(), kind: z.string().optional(), state: spelled.nullish() })
  .transform(({ __typename, kind, ...rest }) => given({ kind: kind ?? KINDS.get(__typename ?? ""), ...rest }));

const TURN = z
  .object({
    id: z.string().optional(),
    rowId: z.string().optional(),
    position: z.number().optional(),
    revision: z.number().optional(),
    role: spelled,
    state: spelled,
    timestamp: instant,
    errorDetail: z.string().nullish(),
    inReplyTo: z.object({ id: z.string() }).nullish(),
    inReplyToId: z.string().nullish(),
    messages: z.array(FRAGMENT).optional(),
    fragmentsByTurnIdList: z.array(FRAGMENT).optional(),
  })
  .transform(({ id, rowId, inReplyTo, inReplyToId, messages, fragmentsByTurnIdList, ...rest }) =>
    given({
      ...rest,
      id: id ?? rowId,
      inReplyToId: inReplyToId ?? inReplyTo?.id,
      messages: messages ?? fragmentsByTurnIdList,
    }),
  );

const TURN_PAGE = z.object({
  nodes: z.array(TURN),
  pageInfo: z.object({ hasNextPage: z.boolean().optional(), hasPreviousPage: z.boolean().optional() }).optional(),
});

const CONVERSATION = z
  .object({
    id: z.string().optional(),
    rowId: z.string().optional(),
    createdAt: instant.optional(),
    created_at: z.number().optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    turns: z.union([z.array(TURN), TURN_PAGE]).optional(),
    turnsByConversationId: TURN_PAGE.optional(),
  })
  .transform(({ id, rowId, createdAt, created_at, turns, turnsByConversationId, ...rest }) => {
    const page = turns ?? turnsByConversationId;
    const listed = Array.isArray(page) ? { nodes: page } : page;
    const seconds = created_at === undefined ? undefined : created_at * 1000;
    return given({ ...rest, id: id ?? rowId, createdAt: createdAt ?? seconds, turns: listed && given(listed) });
  });

const LIST = z.object({
  totalCount: z.number().optional(),
  nodes: z.array(CONVERSATION),
  pageInfo: z.object({ hasNextPage: z.boolean() }).optional(),
});

const GRAPHQL = z.object({
  errors: z.undefined().optional(),
  data: z.object({
    conversations: LIST.optional(),
    allConversations: LIST.optional(),
    node: CONVERSATION.optional(),
    conversationByRowId: CONVERSATION.optional(),
  }),
});
const FOUNDRY = z.object({ data: z.array(CONVERSATION), has_more: z.boolean() });
const FIXIE = z.object({
  conversations: z.array(CONVERSATION),
  pageInfo: z.object({ totalResultCount: z.number() }),
});

/** What the answer's body says. Throws for one that has errors, or that does not have the form of any server's answer. */
export function readAnswer({ surface }: Query, text: string): Answer {
  const answer = parse(JSON.parse(text));
  if (surface !== "foundry") return answer;
  return { ...answer, conversations: answer.conversations.map(toSeconds) };
}

function parse(body: unknown): Answer {
  const foundry = FOUNDRY.safeParse(body);
  if (foundry.success) return { conversations: foundry.data.data, more: foundry.data.has_more, total: null };
  const fixie = FIXIE.safeParse(body);
  if (fixie.success) {
    return { conversations: fixie.data.conversations, more: null, total: fixie.data.pageInfo.totalResultCount };
  }
  const { conversations, allConversations, node, conversationByRowId } = GRAPHQL.parse(body).data;
  const list = conversations ?? allConversations;
  const one = node ?? conversationByRowId;
  return {
    conversations: list?.nodes ?? (one === undefined ? [] : [one]),
    more: list?.pageInfo?.hasNextPage ?? null,
    total: list?.totalCount ?? null,
  };
}

/** The object without what is null or undefined: an absent field and a null one say the same. */
function given(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
}

function toSeconds(conversation: object): object {
  if (!("createdAt" in conversation) || typeof conversation.createdAt !== "number") return conversation;
  return { ...conversation, createdAt: Math.floor(conversation.createdAt / 1000) };
}
