import { RecordError } from "../../formats/format-errors.ts";
import { readFoundryConversation } from "../../formats/foundry.ts";
import type { ReadingNotes } from "../../formats/reading-notes.ts";
import type { ConversationSource } from "../import-all.ts";
import type { IncomingRecord } from "../import-one.ts";
import { idOf, walkPages } from "./cursor-pages.ts";
import { connectFoundry, type FoundryClient } from "./foundry-client.ts";
import type { PullSettings } from "./pull-settings.ts";
import { type Ask, ServiceError } from "./service.ts";

/** Which of the ids belong to conversations that are stored already and need not be read. */
type FindKnown = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

/**
 * Foundry's conversations, oldest first: those that are added during the walk come at the end. Requests the first page
 * at once. Each conversation then costs one request for each hundred of its items, unless `findKnown` returns its id.
 * Throws ServiceError.
 */
export async function openFoundry(
  settings: PullSettings,
  { ask, findKnown, notes }: { ask: Ask; findKnown: FindKnown; notes: ReadingNotes },
): Promise<ConversationSource> {
  const client = connectFoundry(settings, ask);
  const first = await client.listConversations(null);

  async function* readAll(): AsyncGenerator<IncomingRecord> {
    const seen = new Set<string>();
    let done = 0;
    for await (const page of walkPages(first, client.listConversations, true)) {
      const fresh = page.data.filter((conversation) => !seen.has(idOf(conversation)));
      const known = await findKnown(fresh.map(idOf));
      for (const conversation of fresh) {
        const id = idOf(conversation);
        if (id !== "") seen.add(id);
        done += 1;
        yield { position: id, result: known.has(id) ? "known" : await readOne(client, conversation, notes), done };
      }
    }
  }

  return { name: settings.url.host, total: null, records: readAll(), notes };
}

async function readOne(
  client: FoundryClient,
  conversation: unknown,
  notes: ReadingNotes,
): Promise<IncomingRecord["result"]> {
  const id = idOf(conversation);
  try {
    // Without an id it is a bad record, and its items cannot be requested.
    return readFoundryConversation(conversation, id === "" ? [] : await readItems(client, id), notes);
  } catch (error) {
    if (error instanceof RecordError) return error;
    if (error instanceof ServiceError && error.status === 404) return explainNotFound(error);
    throw error;
  }
}

async function readItems(client: FoundryClient, id: string): Promise<unknown[]> {
  const items: unknown[] = [];
  const first = await client.listItems(id, null);
  for await (const page of walkPages(first, (after) => client.listItems(id, after), false)) items.push(...page.data);
  return items;
}

function explainNotFound(error: ServiceError): RecordError {
  // The words of a service for a URL that it does not serve.
  if (!error.reason.startsWith("Invalid URL")) return new RecordError("", `its items are not found: ${error.message}`);
  const hint =
    "the items of conversations are not served there. Another conversation-graph is pulled with --from fixie.";
  throw new ServiceError(`${error.reason}: ${hint}`, error.status);
}
