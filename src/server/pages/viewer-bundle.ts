import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../viewer", import.meta.url));

/** The viewer's two files, each by a name that holds the hash of its content. */
export interface ViewerBundle {
  script: BundledFile;
  style: BundledFile;
}

export interface BundledFile {
  name: string;
  content: Buffer;
}

let made: { change: number; bundle: Promise<ViewerBundle> } | undefined;

/**
 * The viewer's bundle, of its sources as they are: made in memory at the first call and after a change of a source, which takes
 * some 100 ms. The same object until then. Rejects as esbuild does, with the faults of the sources, and tries again at the next call.
 */
export async function currentBundle(): Promise<ViewerBundle> {
  const change = await lastChange();
  if (made?.change === change) return made.bundle;
  // One after the other: each ends esbuild's process.
  const before = made?.bundle.catch(() => {}) ?? Promise.resolve();
  const bundle = before.then(bundleViewer);
  const mine = { change, bundle };
  made = mine;
  bundle.catch(() => {
    if (made === mine) made = undefined;
  });
  return bundle;
}

/** The instant of the last change of a source, in milliseconds: a look at some thirty files. */
async function lastChange(): Promise<number> {
  const files = await readdir(FOLDER, { recursive: true });
  const changes = await Promise.all(files.map(async (file) => (await stat(join(FOLDER, file))).mtimeMs));
  return Math.max(...changes);
}

async function bundleViewer(): Promise<ViewerBundle> {
  // Loaded here: most processes never serve the page.
  const { build, stop } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: FOLDER,
    entryPoints: ["main.tsx", "style.css"],
    entryNames: "[name]-[hash]",
    outdir: FOLDER,
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    logLevel: "silent",
    // Given here: the file of `src/viewer` extends one that an image does not have.
    tsconfigRaw: { compilerOptions: { jsx: "react-jsx", jsxImportSource: "preact", verbatimModuleSyntax: true } },
  });
  await stop();
  const find = (extension: string): BundledFile => {
    const file = outputFiles.find(({ path }) => path.endsWith(extension));
    if (file === undefined) throw new Error(`The viewer's bundle has no ${extension} file.`);
    return { name: basename(file.path), content: Buffer.from(file.contents) };
  };
  return { script: find(".js"), style: find(".css") };
}
