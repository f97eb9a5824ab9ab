import { Client, fetchExchange } from "urql";

import { createCache } from "./cache.ts";

const ORIGIN: string = import.meta.env.VITE_ORIGIN ?? "http://127.0.0.1:4000";

/** The client of this page. The cache takes the schema from the server. */
export async function createClient(): Promise<Client> {
  const schema = await (await fetch(`${ORIGIN}/schema.json`)).json();
  return new Client({
    url: `${ORIGIN}/graphql`,
    fetchSubscriptions: true,
    exchanges: [createCache(schema), fetchExchange],
  });
}
