import { ask } from "./graphql.ts";

/** Everything that a turn shows, with `__typename` for its fragments. */
export const TURN = `id position revision role state timestamp errorDetail inReplyTo { id } messages {
  __typename
  ... on TextFragment { content state metadata }
  ... on FunctionCallFragment { name args metadata }
  ... on FunctionResponseFragment { name response failed metadata }
}`;

const APPEND = `mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { ${TURN} } } }`;
const UPDATE = `mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { ${TURN} } } }`;
const CREATE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";
const READ = `query ($id: ID!) { conversation(id: $id) { turns(first: 100) { nodes { ${TURN} } } } }`;

type Server = Parameters<typeof ask>[0];
type Input = Record<string, unknown>;
type Headers = Record<string, string>;

/** A fragment's input that says the text. */
export function words(content: string, state = "DONE"): Input {
  return { text: { content, state } };
}

/** The input of a finished user turn with the text. */
export function says(content: string): Input {
  return { role: "USER", messages: [words(content)] };
}

/** Appends the turn, which must succeed; answers it as it is shown. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
export async function append(server: Server, input: Input, headers: Headers = {}): Promise<any> {
  return (await ask(server, APPEND, { input }, headers)).appendTurn.turn;
}

/** Changes the turn, which must succeed; answers it as it is shown. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
export async function update(server: Server, input: Input, headers: Headers = {}): Promise<any> {
  return (await ask(server, UPDATE, { input }, headers)).updateTurn.turn;
}

/** Creates a conversation, which must succeed; resolves to its id. */
export async function create(server: Server, input: Input = {}, headers: Headers = {}): Promise<string> {
  return (await ask(server, CREATE, { input }, headers)).createConversation.conversation.id;
}

/** The conversation's first 100 turns as they are shown. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
export async function readTurns(server: Server, id: string, headers: Headers = {}): Promise<any[]> {
  return (await ask(server, READ, { id }, headers)).conversation.turns.nodes;
}
