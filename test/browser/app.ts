import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface App {
  url: string;
  /** What the type checker finds; empty when nothing. */
  faults: string;
  close(): Promise<void>;
}

/** Builds the app of the clients' page against the server, as its developer would, and serves it from another origin. */
export async function startApp(origin: string): Promise<App> {
  const folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
  const faults = await build(folder, origin);
  const { preview } = await import("vite");
  const site = await preview({ root: folder, preview: { host: "127.0.0.1", port: 0 }, logLevel: "silent" });
  const close = async () => {
    await site.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: site.resolvedUrls?.local[0] ?? "", faults, close };
}

async function build(folder: string, origin: string): Promise<string> {
  await cp(join(ROOT, "test/clients/app"), folder, { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "schema.graphql"), await (await fetch(`${origin}/schema.graphql`)).text());
  const run = (program: string, ...args: string[]) =>
    promisify(execFile)(join(ROOT, "node_modules/.bin", program), args, {
      cwd: folder,
      env: { ...process.env, NODE_ENV: "production", VITE_ORIGIN: origin },
    });
  await run("graphql-codegen");
  const faults = await run("tsc").then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
  await run("vite", "build", "--target", "esnext");
  return faults;
}
