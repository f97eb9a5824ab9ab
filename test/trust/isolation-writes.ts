import { countDeletable, deleteAll } from "../../src/store/write/delete-all.ts";
import { says } from "../harness/writes.ts";
import { api, graphql, inTurn, watch, watchList } from "./isolation-requests.ts";
import { API, type Way } from "./isolation-ways.ts";
import { IDEMPOTENCY_KEYS, itemOf, MINE, type Names, SHARED } from "./isolation-worlds.ts";

/** A mutation and what it answers; ids and times that are made for it are not asked for. */
function mutation(name: string, type: string, selection: string) {
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
  return (input: object) => graphql(document, { input });
}

const create = mutation(
  "createConversation",
  "CreateConversationInput",
  "conversation { metadata turns { totalCount } }",
);
const change = mutation("updateConversation", "UpdateConversationInput", "conversation { id metadata }");
const remove = mutation("deleteConversation", "DeleteConversationInput", "deletedConversationId");
const append = mutation("appendTurn", "AppendTurnInput", "turn { position conversation { id } } conversation { id }");
const update = mutation("updateTurn", "UpdateTurnInput", "turn { id } conversation { id }");

const note = mutation("setTurnMetadata", "SetTurnMetadataInput", "turn { id metadata } conversation { id }");

const removeTurn = mutation("deleteTurn", "DeleteTurnInput", "deletedTurnId conversation { id }");
const fork = mutation(
  "forkConversation",
  "ForkConversationInput",
  "conversation { metadata turns { totalCount } forkedFrom { conversation { id } turn { id } } }",
);

/** The writes that name what may not exist. */
export function writesOf(names: Names): Way[] {
  const { conversation, question, answer } = names;
  const item = { role: "user", content: "mine" };
  const turn = says("x");
  const reply = { role: "ASSISTANT", messages: [], inReplyToId: question };
  const idempotencyKey = `for ${conversation}`;
  return [
    ["changed", change({ id: conversation, metadata: [{ key: "mine", value: "now" }] })],
    ["changed in one pair", change({ id: conversation, setMetadata: [{ key: "mine", value: "now" }] })],
    ["changed at a revision", change({ id: conversation, removeMetadata: ["mine"], expectedRevision: 99 })],
    ["changed in nothing", change({ id: conversation })],
    ["copied", fork({ id: conversation })],
    ["copied up to a turn", fork({ id: MINE.conversation, upToTurnId: question })],
    ["a last turn deleted", removeTurn({ id: `${answer}.failed` })],
    ["a turn deleted", removeTurn({ id: answer })],
    ["a turn noted", note({ id: question, set: [{ key: "mine", value: "now" }] })],
    ["a turn in progress noted", note({ id: answer, remove: ["mine"] })],
    ["appended to", append({ conversationId: conversation, turn })],
    [
      "appended to with a key that is used again for mine",
      inTurn(
        append({ conversationId: conversation, turn, idempotencyKey }),
        append({ conversationId: MINE.conversation, turn, idempotencyKey }),
      ),
    ],
    ["replied to", append({ conversationId: MINE.conversation, turn: reply })],
    ["changed over REST", api("POST", `${API}/${conversation}`, { metadata: { mine: "now" } })],
    ["appended to by items", api("POST", `${API}/${conversation}/items`, { items: [{ ...item, id: "msg_new" }] })],
    ["appended to by no items", api("POST", `${API}/${conversation}/items`, { items: [] })],
    [
      "its item named by a reference in mine",
      api("POST", `${API}/${MINE.conversation}/items`, { items: [{ type: "item_reference", id: itemOf(names) }] }),
    ],
    ["its item deleted", api("DELETE", `${API}/${conversation}/items/${itemOf(names)}`)],
    ["its item deleted from mine", api("DELETE", `${API}/${MINE.conversation}/items/${itemOf(names)}`)],
    [
      "its item's id taken for mine",
      api("POST", `${API}/${MINE.conversation}/items`, { items: [{ ...item, id: itemOf(names) }] }),
    ],
    ["a turn in progress changed", update({ id: answer, appendText: "x" })],
    ["a turn changed at a revision", update({ id: answer, state: "DONE", expectedRevision: 99 })],
    ["a final turn changed", update({ id: question, appendText: "x" })],
    ["deleted over REST", api("DELETE", `${API}/${conversation}`)],
    ["deleted", remove({ id: conversation })],
  ];
}

/** Writes to what is the caller's own, under names that are used for what is hidden too. To be sent last. */
export const OWN_WRITES: Way[] = [
  ...[{}, { metadata: [{ key: "mine", value: "yes" }] }].map(
    (filter): Way => [
      `the list with ${JSON.stringify(filter)} watched from the beginning`,
      watchList(
        { filter, after: "0." },
        { expected: 2, ending: append({ conversationId: MINE.conversation, turn: says("mine") }) },
      ),
    ],
  ),
  ["a key that another used, to create", create({ turns: [says("mine")], idempotencyKey: IDEMPOTENCY_KEYS.create })],
  [
    "a key that another used, to append",
    append({ conversationId: SHARED.conversation, turn: says("mine"), idempotencyKey: IDEMPOTENCY_KEYS.append }),
  ],
  ["created over REST", api("POST", API, { items: [{ role: "user", content: "mine", id: "msg_mine_2" }] })],
  ["an item of a shared name deleted", api("DELETE", `${API}/${SHARED.conversation}/items/${itemOf(SHARED)}`)],
  ["a shared name changed", change({ id: SHARED.conversation, metadata: [] })],
  ["a turn of a shared name changed", update({ id: SHARED.answer, appendText: "x" })],
  ["a turn of a shared name noted", note({ id: SHARED.answer, set: [{ key: "mine", value: "now" }] })],
  ["a shared name copied", fork({ id: SHARED.conversation, upToTurnId: SHARED.answer })],
  [
    "a shared name watched from its first turn until it is deleted",
    watch(
      { conversationId: SHARED.conversation, afterRevision: 0 },
      { expected: 3, ending: remove({ id: SHARED.conversation }) },
    ),
  ],
  [
    "everything of mine counted and deleted",
    async ({ server, scope }) =>
      String([
        await countDeletable(server.database, scope, {}),
        await deleteAll(server.database, scope, new AbortController().signal, () => {}),
      ]),
  ],
];
