import type { Config } from "../../config.ts";
import { type AnswerAsset, type Asset, createCachedAsset } from "../../http/cached-asset.ts";
import { problemAnswer } from "../../http/problem-answer.ts";
import { unknownUrl } from "../default-errors.ts";
import { type Pattern, READ, type Route, withHostCheck } from "../route.ts";
import type { Services } from "../services.ts";
import { html, script, style } from "./asset-kinds.ts";
import { type BundledFile, currentBundle, type ViewerBundle } from "./viewer-bundle.ts";
import { VIEWER_POLICY, viewerHtml } from "./viewer-page.ts";

const FOREVER = { "cache-control": "public, max-age=31536000, immutable" };

interface Viewer {
  bundle: ViewerBundle;
  page: AnswerAsset;
  /** By name. */
  files: ReadonlyMap<string, AnswerAsset>;
}

/**
 * The routes of the page that shows conversations: `/`, and its files, whose names change with their content. Neither needs a
 * key: the page asks for one.
 */
export function createViewer({ config, access }: Services): { home: Route; files: Pattern } {
  let viewer: Viewer | undefined;

  /** The viewer of the sources as they are. */
  async function current(): Promise<Viewer> {
    const bundle = await currentBundle();
    if (viewer?.bundle !== bundle) viewer = toViewer(bundle, config);
    return viewer;
  }

  const route = (answer: Route["answer"]): Route =>
    withHostCheck(access, { surface: "viewer", methods: READ, answer, fail: problemAnswer });
  return {
    home: route(async ({ request }) => (await current()).page(request.headers)),
    files: {
      expression: /^\/viewer\/(?<name>[^/]+)$/,
      toRoute: ({ name = "" }) =>
        route(async ({ request, path }) => {
          const answer = (await current()).files.get(name);
          return answer === undefined ? unknownUrl(request.method ?? "", path) : answer(request.headers);
        }),
    },
  };
}

function toViewer(bundle: ViewerBundle, config: Config): Viewer {
  const page = html(async () => viewerHtml(bundle, config), VIEWER_POLICY);
  const files = [toFile(bundle.script, script), toFile(bundle.style, style)];
  return { bundle, page: createCachedAsset(page), files: new Map(files) };
}

function toFile({ name, content }: BundledFile, kind: (render: Asset["render"]) => Asset): [string, AnswerAsset] {
  const asset = kind(async () => content);
  return [name, createCachedAsset({ ...asset, headers: { ...asset.headers, ...FOREVER } })];
}
