import { readFile } from "node:fs/promises";
import type { Config } from "../../config.ts";
import { type Asset, createCachedAsset } from "../../http/cached-asset.ts";
import { foundryErrorAnswer } from "../../rest/foundry/errors.ts";
import type { KeyRing } from "../../store/keys/key-ring.ts";
import { checkHost } from "../admission.ts";
import type { Route } from "../route.ts";
import { json } from "./asset-kinds.ts";
import { DOCS_PAGES } from "./docs-page.ts";
import { GRAPHIQL_FILES } from "./graphiql-page.ts";

/** The schema as tools take it in: the committed files, which the tests hold to the schema that is served. */
const SCHEMA_PAGES: Record<string, Asset> = {
  "/schema.graphql": { contentType: "text/plain; charset=utf-8", render: () => committed("schema.graphql") },
  "/schema.json": json(() => committed("schema.json")),
};

/**
 * The routes of what is the same for everyone and needs neither a key nor the database: the files of GraphiQL, the schema, and
 * the documents of the REST lists. Undefined for a path that is none of these, or that the settings switch off.
 */
export function createAssets(config: Config, ring: KeyRing): (path: string) => Route | undefined {
  const routes = new Map<string, Route>();
  const add = (surface: string, pages: Record<string, Asset>) => {
    for (const [path, page] of Object.entries(pages)) routes.set(path, toRoute(surface, page, ring));
  };
  if (config.graphiql) add("graphiql", GRAPHIQL_FILES);
  if (config.introspection) add("schema", SCHEMA_PAGES);
  if (config.docs) add("docs", DOCS_PAGES);
  return (path) => routes.get(path);
}

function toRoute(surface: string, page: Asset, ring: KeyRing): Route {
  const answer = createCachedAsset(page);
  return {
    surface,
    methods: ["GET", "HEAD"],
    fail: foundryErrorAnswer,
    async answer({ request }) {
      checkHost(request, ring);
      return answer(request.headers);
    },
  };
}

function committed(file: string): Promise<Buffer> {
  return readFile(new URL(`../../graphql/${file}`, import.meta.url));
}
