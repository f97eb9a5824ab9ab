import { readFile } from "node:fs/promises";

import { type Asset, createCachedAsset } from "../../http/cached-asset.ts";
import { problemAnswer } from "../../http/problem-answer.ts";
import type { AccessControl } from "../access.ts";
import { READ, type Route, withHostCheck } from "../route.ts";
import type { Services } from "../services.ts";
import { json } from "./asset-kinds.ts";
import { DOCS_FILES } from "./docs-page.ts";
import { GRAPHIQL_FILES } from "./graphiql-page.ts";

/** The schema for tools: the committed files, which a test holds to the schema that is served. */
const SCHEMA_FILES: Record<string, Asset> = {
  "/schema.graphql": { contentType: "text/plain; charset=utf-8", render: () => committed("schema.graphql") },
  "/schema.json": json(() => committed("schema.json")),
};

/**
 * The routes of what is the same for every caller and needs neither a key nor the database, by path: the files of GraphiQL,
 * the schema, and the documents of the REST lists. Without those that the settings switch off.
 */
export function createAssetRoutes({ config, access }: Services): [string, Route][] {
  const toRoutes = (surface: string, assets: Record<string, Asset>) =>
    Object.entries(assets).map(([path, asset]): [string, Route] => [path, toRoute(surface, asset, access)]);
  return [
    ...(config.graphiql ? toRoutes("graphiql", GRAPHIQL_FILES) : []),
    ...(config.introspection ? toRoutes("schema", SCHEMA_FILES) : []),
    ...(config.docs ? toRoutes("docs", DOCS_FILES) : []),
  ];
}

function toRoute(surface: string, asset: Asset, access: AccessControl): Route {
  const answer = createCachedAsset(asset);
  return withHostCheck(access, {
    surface,
    methods: READ,
    answer: ({ request }) => answer(request.headers),
    fail: problemAnswer,
  });
}

function committed(file: string): Promise<Buffer> {
  return readFile(new URL(`../../graphql/${file}`, import.meta.url));
}
