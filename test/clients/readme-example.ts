import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { onTestFinished } from "vitest";

import manifest from "../../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const README_SERVER = "http://127.0.0.1:4000";
const INSTALLED = { ...manifest.dependencies, ...manifest.devDependencies };

// Strict, and nothing that Node cannot run as it is. An example may bring its own.
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: "esnext",
    module: "nodenext",
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    types: [],
    lib: ["esnext", "dom"],
  },
  include: ["src"],
};

export interface Example {
  /** The lines that the example's last command printed. */
  output: string[];
  read(file: string): Promise<string>;
  /** Adds a file. */
  write(file: string, text: string): Promise<void>;
  /** What the type checker says of the example with all that was generated and added; empty when nothing. */
  typeFaults(): Promise<string>;
}

/**
 * Lays out the example of this folder's README under this heading in a folder of its own, and runs its commands against the server at the
 * origin. What it installs has to be installed here.
 */
export async function runExample(heading: string, origin: string): Promise<Example> {
  const folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await write("package.json", '{ "type": "module" }');
  await write("tsconfig.json", JSON.stringify(TSCONFIG));
  let commands: string[] = [];
  for (const { language, file, text } of await blocksOf(heading)) {
    const here = text.replaceAll(README_SERVER, origin);
    if (language === "sh") commands = here.trimEnd().split("\n");
    else await write(file, here);
  }
  let output = "";
  for (const command of commands) output = await run(command, folder);
  return {
    output: output.trimEnd().split("\n"),
    read: (file) => readFile(join(folder, file), "utf8"),
    write,
    typeFaults: () => run("npx tsc", folder).catch((error: { stdout: string }) => error.stdout),
  };
}

interface Block {
  language: string;
  /** Where the block's text belongs; empty for commands. */
  file: string;
  text: string;
}

async function blocksOf(heading: string): Promise<Block[]> {
  const readme = await readFile(new URL("README.md", import.meta.url), "utf8");
  const section = readme.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`The page has no section "${heading}".`);
  return [...section.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(([, language = "", file = "", text = ""]) => ({
    language,
    file,
    text,
  }));
}

async function run(command: string, folder: string): Promise<string> {
  const [program = "", first = "", ...more] = command.split(" ");
  switch (program) {
    case "npm": {
      const missing = more.find((name) => !name.startsWith("-") && !Object.hasOwn(INSTALLED, name));
      if (first !== "install" || missing !== undefined) throw new Error(`Not installed for this test: ${missing}`);
      return "";
    }
    case "curl": {
      const response = await fetch(more[0] ?? "");
      await writeFile(join(folder, basename(new URL(response.url).pathname)), await response.text());
      return "";
    }
    case "npx":
      return execute(join(ROOT, "node_modules/.bin", first), more, folder);
    case "node":
      return execute(process.execPath, [first, ...more], folder);
    default:
      throw new Error(`Not a command that examples may use: ${command}`);
  }
}

async function execute(file: string, args: string[], cwd: string): Promise<string> {
  if (!existsSync(file)) throw new Error(`Missing: ${file}`);
  const { stdout, stderr } = await promisify(execFile)(file, args, { cwd, encoding: "utf8" });
  // A cache's warnings are part of what an example shows; the compilers' notes are not.
  return file === process.execPath ? stdout + stderr : stdout;
}
