import { Client, fetchExchange, mapExchange } from "@urql/core";
import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { headersOf, type Session, type SignInCode } from "../session/session.ts";
import { codeOf } from "./errors.ts";
import { exactFetch } from "./exact-fetch.ts";

/** The client of a session, which sends its key and user in headers. `onRefused` hears of every answer that asks for other ones. */
export function createClient(session: Session, onRefused: (code: SignInCode) => void): Client {
  const headers = headersOf({ key: toHeader(session.key), user: toHeader(session.user) });
  return new Client({
    url: new URL("graphql", document.baseURI).href,
    preferGetMethod: false,
    fetch: exactFetch,
    fetchSubscriptions: true,
    // No cache: a list that moves and a text that grows are kept by what shows them, which merges what is watched.
    requestPolicy: "network-only",
    fetchOptions: { headers },
    exchanges: [
      mapExchange({
        onError(error) {
          const code = codeOf(error);
          if (code === "UNAUTHENTICATED" || code === "MISSING_REQUIRED_HEADER") onRefused(code);
        },
      }),
      fetchExchange,
    ],
  });
}

/** The text as a header's value that `fetch` sends as UTF-8: it takes a character for each byte. */
function toHeader(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

export const ClientContext = createContext<Client | null>(null);

/** The client of the page's session. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("This component stands outside of a session.");
  return client;
}
