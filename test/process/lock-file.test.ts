import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

/** A package as a lock file describes it. */
interface LockedPackage {
  version?: string;
  /** Where it was fetched from; the folder of a link. */
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

const ROOT = new URL("../../", import.meta.url);

// npm needs the registry to notice a missing package, and so `npm ci` itself is for .ci/run: here is what it asks of the file.
describe.each(["", "test/bench/"])("%spackage-lock.json", (folder) => {
  const manifest: LockedPackage = readJson(`${folder}package.json`);
  const { packages }: { packages: Record<string, LockedPackage> } = readJson(`${folder}package-lock.json`);
  const installed = Object.entries(packages).filter(([path]) => path.includes("node_modules/"));

  test("describes what package.json asks for", () => {
    expect(dependenciesOf(packages[""] ?? {})).toEqual(dependenciesOf(manifest));
  });

  test("has every package that another one names, those of other platforms too", () => {
    const missing = Object.entries(packages).flatMap(([path, found]) =>
      requiredBy(found)
        .filter((name) => placesOf(name, path).every((place) => packages[place] === undefined))
        .map((name) => `${name} of ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test("tells each package by its content, wherever it is fetched from", () => {
    const own = (path: string, { link }: LockedPackage) => link === true || path.startsWith("..");
    const fetched = installed.filter(([path, found]) => !own(path, found));
    expect(fetched.length).toBeGreaterThan(20);
    expect(fetched.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))).toEqual([]);
    expect(fetched.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});

function readJson(path: string) {
  return JSON.parse(readFileSync(new URL(path, ROOT), "utf8"));
}

function dependenciesOf({ dependencies, devDependencies, optionalDependencies }: LockedPackage) {
  return { dependencies, devDependencies, optionalDependencies };
}

/** What npm installs beside the package, or notes as left out on this platform. */
function requiredBy({ peerDependencies, peerDependenciesMeta, ...found }: LockedPackage): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...Object.values(dependenciesOf(found)).flatMap((names) => Object.keys(names ?? {})), ...peers];
}

/** Where Node looks for a package that the one at the path imports. */
function placesOf(name: string, path: string): string[] {
  const parents =
    path === ""
      ? []
      : path.split("/node_modules/").map((_, depth, parts) => parts.slice(0, depth + 1).join("/node_modules/"));
  return [`node_modules/${name}`, ...parents.map((parent) => `${parent}/node_modules/${name}`)];
}
