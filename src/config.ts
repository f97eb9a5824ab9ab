import { availableParallelism } from "node:os";

import type { z } from "zod";

import { settings } from "./settings.ts";

export type Config = Readonly<z.output<typeof settings>>;

/** The settings for the help, in their order; a default of "" means that there is none. */
export const SETTINGS = Object.entries(settings.shape).map(([name, rule]) => ({
  variable: variableOf(name),
  byDefault: String(rule.meta()?.byDefault ?? ""),
  meaning: rule.meta()?.description ?? "",
}));

const MAY_BE_EMPTY = new Set(["corsOrigins", "databaseReplicaUrls"]);

/** Settings that mean nothing without the database that they belong to. */
const BESIDE_A_DATABASE = ["databaseReplicaUrls", "databaseListenUrl"];

/** Settings that cannot be used: one line for each fault, each under its variable. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

/** The settings of the environment. Throws a SettingsError that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given: Record<string, string> = {};
  const faults: string[] = [];
  for (const name of Object.keys(settings.shape)) {
    const text = env[variableOf(name)];
    // An empty DATABASE_URL is a variable that was never filled in. Treated as absent it would start another database.
    if (text === "" && !MAY_BE_EMPTY.has(name))
      faults.push(`${variableOf(name)} is empty: give it a value, or unset it`);
    else if (text !== undefined) given[name] = text;
  }
  for (const name of BESIDE_A_DATABASE) {
    if (given[name] && given.databaseUrl === undefined) faults.push(`${variableOf(name)} needs DATABASE_URL beside it`);
  }
  faults.push(...authFaults(given));
  const config = settings.safeParse(given);
  if (config.data?.persistedDocumentsOnly === true && given.persistedDocuments === undefined) {
    faults.push("PERSISTED_DOCUMENTS_ONLY needs PERSISTED_DOCUMENTS beside it");
  }
  faults.push(...(config.success ? workerFaults(config.data) : []));
  for (const issue of config.error?.issues ?? []) faults.push(`${variableOf(String(issue.path[0]))} ${issue.message}`);
  if (!config.success || faults.length > 0) throw new SettingsError(faults);
  return config.data;
}

// With fewer connections a process keeps none for its own statements, which all requests depend on, and one caller may take all.
const CONNECTIONS_OF_WORKER = 4;
// The process that starts the workers does the regular work, of which some may take long.
const CONNECTIONS_OF_PRIMARY = 2;

/** How many processes answer requests; 1 for one that has no others. */
export function countWorkers({ workers, poolSize }: Config): number {
  if (workers !== "auto") return workers;
  const most = Math.floor((poolSize - CONNECTIONS_OF_PRIMARY) / CONNECTIONS_OF_WORKER);
  return Math.max(1, Math.min(availableParallelism(), most));
}

/** The connections of each of several workers, and those that are left for the process that starts them. */
export function sharePool(poolSize: number, workers: number): { worker: number; primary: number } {
  const worker = Math.floor((poolSize - CONNECTIONS_OF_PRIMARY) / workers);
  return { worker, primary: poolSize - workers * worker };
}

function workerFaults({ workers, poolSize }: Config): string[] {
  const needed = workers === "auto" || workers === 1 ? 1 : CONNECTIONS_OF_PRIMARY + workers * CONNECTIONS_OF_WORKER;
  return needed > poolSize ? [`WORKERS ${workers} needs a POOL_SIZE of ${needed} or more: it is ${poolSize}`] : [];
}

/** What is wrong with the settings of tokens together: who may sign them, for whom, and of which project they are. */
function authFaults(given: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(given).filter((name) => name.startsWith("auth"));
  const has = (name: string) => names.includes(name);
  const together = (one: string, other: string) =>
    has(one) && has(other) ? [`${variableOf(one)} and ${variableOf(other)} exclude each other: set one of them`] : [];
  if (!has("authJwksUrl") && !has("authJwtSecretFile")) {
    return names.map((name) => `${variableOf(name)} needs AUTH_JWKS_URL or AUTH_JWT_SECRET_FILE beside it`);
  }
  return [
    ...together("authJwksUrl", "authJwtSecretFile"),
    ...together("authProject", "authProjectClaim"),
    // An issuer signs tokens for other services with the same keys.
    ...(has("authJwksUrl") ? ["authIssuer", "authAudience"].filter((name) => !has(name)) : []).map(
      (name) => `AUTH_JWKS_URL needs ${variableOf(name)} beside it`,
    ),
  ];
}

/** Whether tokens let callers in, beside keys. */
export function takesTokens({ authJwksUrl, authJwtSecretFile }: Config): boolean {
  return authJwksUrl !== undefined || authJwtSecretFile !== undefined;
}

function variableOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}
