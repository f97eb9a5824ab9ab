import { useEffect } from "react";
import { type AnyVariables, type Client, type TypedDocumentNode, useClient } from "urql";

import { CHANGES, FIRST_PAGE, INBOX, WATCH } from "./documents.ts";

const PAUSE_MS = 1000;

/** Keeps the inbox in the cache as it is on the server. */
export function useChanges(): void {
  const client = useClient();
  useEffect(() => {
    // Without an event yet there is none to go on from: what may have changed is read.
    const readAgain = () => void client.query(INBOX, FIRST_PAGE, { requestPolicy: "network-only" }).toPromise();
    return watch(client, CHANGES, null as string | null, {
      variables: (after) => ({ after }),
      placeOf: ({ conversationChanged }) => conversationChanged.cursor,
      onGap: (after) => after ?? readAgain(),
    });
  }, [client]);
}

/** Keeps the conversation's turns in the cache as they are on the server, from this revision on; null while it is unknown. */
export function useTurns(id: string, revision: number | null): void {
  const client = useClient();
  useEffect(() => {
    if (revision === null) return;
    return watch(client, WATCH, revision, {
      variables: (after) => ({ id, after }),
      placeOf: ({ turnChanged }) => turnChanged.turnEdge.node.revision,
    });
  }, [client, id, revision]);
}

interface Resuming<Data, Variables, Place> {
  /** What asks for all that came after the place. */
  variables(after: Place): Variables;
  placeOf(data: Data): Place;
  onGap?(after: Place): void;
}

/** Watches from the place on, through servers that stop and networks that fail. Returns what ends it. */
function watch<Data, Variables extends AnyVariables, Place>(
  client: Client,
  query: TypedDocumentNode<Data, Variables>,
  start: Place,
  { variables, placeOf, onGap }: Resuming<Data, Variables, Place>,
): () => void {
  let after = start;
  let leave: () => void;
  const listen = () => {
    leave = client.subscription(query, variables(after)).subscribe(({ data, hasNext }) => {
      if (data) after = placeOf(data);
      if (hasNext) return;
      const timer = setTimeout(listen, PAUSE_MS);
      leave = () => clearTimeout(timer);
      onGap?.(after);
    }).unsubscribe;
  };
  listen();
  return () => leave();
}
