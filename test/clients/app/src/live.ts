import { useEffect } from "react";
import { type Client, useClient } from "urql";

import { CHANGES, FIRST_PAGE, INBOX } from "./documents.ts";

const PAUSE_MS = 1000;

/** Keeps the inbox in the cache as it is on the server, while the page is shown. */
export function useChanges(): void {
  const client = useClient();
  useEffect(() => watch(client), [client]);
}

/** Watches from now on, through servers that stop and networks that fail. Returns what ends it. */
function watch(client: Client): () => void {
  let after: string | null = null;
  let leave: () => void;
  const listen = () => {
    leave = client.subscription(CHANGES, { after }).subscribe(({ data, hasNext }) => {
      // What changed since this event comes first when the connection is back.
      after = data?.conversationChanged.cursor ?? after;
      if (hasNext) return;
      const timer = setTimeout(listen, PAUSE_MS);
      leave = () => clearTimeout(timer);
      // There is no event yet to go on from.
      if (after === null) client.query(INBOX, FIRST_PAGE, { requestPolicy: "network-only" }).toPromise();
    }).unsubscribe;
  };
  listen();
  return () => leave();
}
