import { z } from "zod";

import { readInitialKey } from "./initial-key.ts";
import { LOG_LEVELS } from "./log.ts";
import { parseDatabaseUrl } from "./store/database/database-url.ts";

/** OpenTelemetry's names for the ways to choose what is traced. */
const SAMPLER_NAMES = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

export type SamplerName = (typeof SAMPLER_NAMES)[number];

/**
 * Every setting: its rule, its default as it would stand in the environment, its meaning. The variable is the name in
 * capitals.
 */
const settings = z.object({
  port: setting(wholeNumber(0, 65_535), "4000", "port to listen on; 0 takes a free one"),
  host: setting(z.string(), "127.0.0.1", "address to listen on; only loopback while no key was created"),
  databaseUrl: postgresUrl().optional().meta({
    description: "PostgreSQL 15 or newer to use, several hosts as libpq has them; without it, an embedded one starts",
  }),
  databaseReplicaUrls: setting(
    postgresUrls(),
    "",
    "streaming replicas of DATABASE_URL to read from, separated by commas",
  ),
  databaseReplicaMaxLagMs: setting(
    wholeNumber(1, 3_600_000),
    "30000",
    "milliseconds that a replica may be behind the primary; one that is further is not read",
  ),
  databaseListenUrl: postgresUrl()
    .optional()
    .meta({ description: "DATABASE_URL without the pooler, for what is notified; without it, DATABASE_URL itself" }),
  dataDir: z
    .string()
    .optional()
    .meta({ description: "folder of the embedded database; without it, .data/postgres in the project's folder" }),
  initialKeyFile: z
    .string()
    .check(checkInitialKey)
    .optional()
    .meta({ description: "file with a project key of project default, stored when no key was ever created" }),
  migrate: setting(flag(), "1", "0: do not migrate the database at start"),
  sampleData: setting(flag(), "1", "0: leave an empty embedded database empty"),
  corsOrigins: setting(origins(), "", "origins that browsers may call from, separated by commas"),
  graphiql: setting(flag(), "1", "0: no GraphiQL at /graphql"),
  metrics: setting(flag(), "0", "1: Prometheus metrics at /metrics, to every caller that reaches the port"),
  introspection: setting(flag(), "1", "0: refuse introspection queries, and no /schema.graphql and /schema.json"),
  docs: setting(flag(), "1", "0: no documents of the REST lists at /docs and /openapi.json"),
  logLevel: setting(
    z.enum(LOG_LEVELS, { error: fault(`is not one of ${LOG_LEVELS.join(", ")}`) }),
    "info",
    `what goes to standard error: ${LOG_LEVELS.join(", ")}`,
  ),
  otelExporterOtlpEndpoint: z
    .string()
    .refine(isHttpUrl, "is not a URL such as http://collector:4318")
    .optional()
    .meta({ description: "OpenTelemetry collector that traces are sent to, over OTLP/HTTP; without it, none are" }),
  otelTracesSampler: setting(
    z.enum(SAMPLER_NAMES, { error: fault(`is not one of ${SAMPLER_NAMES.join(", ")}`) }),
    "parentbased_always_on",
    "which requests are traced, in OpenTelemetry's words",
  ),
  otelTracesSamplerArg: setting(
    fraction(),
    "1",
    "part of the requests that a traceidratio sampler traces, from 0 to 1",
  ),
  poolSize: setting(wholeNumber(1, 1000), "10", "connections to the database, at most"),
  poolTimeoutMs: setting(wholeNumber(1, 3_600_000), "1500", "milliseconds that a statement waits for a connection"),
  statementTimeoutMs: setting(wholeNumber(1, 3_600_000), "5000", "milliseconds after which a statement is cancelled"),
  lockTimeoutMs: setting(wholeNumber(1, 3_600_000), "500", "milliseconds that a statement waits for a lock"),
  databasePrepare: setting(
    flag(),
    "1",
    "0: no prepared statements and no timeouts set on connections, for a pooler in transaction mode",
  ),
  maxBodyBytes: setting(wholeNumber(1, 1_073_741_824), "1048576", "bytes that a request's body may have"),
  maxPageBytes: setting(
    wholeNumber(1, 1_000_000_000),
    "8388608",
    "bytes that the turns of one read may have; a page of turns ends before there are more",
  ),
  slowReaderMs: setting(
    wholeNumber(1, 3_600_000),
    "30000",
    "milliseconds after which a caller that takes nothing of its answer is dropped",
  ),
  keepAliveTimeoutMs: setting(
    wholeNumber(1, 3_600_000),
    "65000",
    "milliseconds that an idle connection stays open; longer than in what stands in front",
  ),
  maxPipelinedRequests: setting(
    wholeNumber(0, 1_000_000),
    "20000",
    "requests that may wait for earlier ones of their connections, over all connections",
  ),
  compileDocuments: setting(flag(), "1", "0: answer every query through the resolvers, field by field"),
  maxTokens: setting(wholeNumber(1, 1_000_000), "1000", "tokens that a GraphQL document may have, and lines"),
  maxAliases: setting(wholeNumber(0, 1_000_000), "15", "aliases that a GraphQL document may have"),
  maxDepth: setting(wholeNumber(1, 1_000), "12", "fields that a GraphQL document may nest, introspection apart"),
  maxDirectives: setting(wholeNumber(0, 1_000_000), "8", "directives that a GraphQL document may have"),
  maxNodes: setting(
    wholeNumber(1, 1_000_000_000),
    "25000",
    "objects that a GraphQL document may ask for, pages multiplied",
  ),
  maxSubscriptions: setting(
    wholeNumber(1, 1_000_000),
    "1000",
    "subscriptions that a key may have open on one server, and one of its users half of them",
  ),
});

export type Config = Readonly<z.output<typeof settings>>;

/** The settings for the help, in their order; a default of "" means that there is none. */
export const SETTINGS = Object.entries(settings.shape).map(([name, rule]) => ({
  variable: variableOf(name),
  byDefault: String(rule.meta()?.byDefault ?? ""),
  meaning: rule.meta()?.description ?? "",
}));

/** What libpq calls a session that this program can use; both mean the one host that is no standby. */
const PRIMARY_TARGETS = new Set(["primary", "read-write"]);

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
  const config = settings.safeParse(given);
  for (const issue of config.error?.issues ?? []) faults.push(`${variableOf(String(issue.path[0]))} ${issue.message}`);
  if (!config.success || faults.length > 0) throw new SettingsError(faults);
  return config.data;
}

/** Whether an address to listen on, or the address of a peer, is only reachable from this machine. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address);
}

function variableOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}

function setting<Value>(rule: z.ZodType<Value, string>, byDefault: string, description: string) {
  return rule.prefault(byDefault).meta({ byDefault, description });
}

/** A rule's message that quotes the value. Not for values that may hold a password. */
function fault(rule: string) {
  return (issue: { input?: unknown }) => `${rule}: ${JSON.stringify(issue.input)}`;
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .refine((text) => /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: fault(`is not a whole number from ${least} to ${most}`),
    })
    .transform(Number);
}

function fraction() {
  return z
    .string()
    .refine((text) => /^(0|1|0?\.\d{1,9}|1\.0+)$/.test(text), { error: fault("is not a number from 0 to 1") })
    .transform(Number);
}

function flag() {
  return z.stringbool({
    truthy: ["1", "true", "on"],
    falsy: ["0", "false", "off"],
    error: fault("is neither 1 nor 0"),
  });
}

function origins() {
  return z
    .string()
    .transform((text) => text.split(",").map((origin) => origin.trim()))
    .transform((list) => list.filter((origin) => origin !== ""))
    .refine((list) => list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), {
      error: fault("is not a list of origins such as https://app.example.com,http://localhost:3000"),
    });
}

/** Reads the file at this point so that its faults are listed with all others, before a database starts. */
function checkInitialKey({ value, issues }: z.core.ParsePayload<string>): void {
  try {
    readInitialKey(value);
  } catch (error) {
    issues.push({ code: "custom", input: value, message: error instanceof Error ? error.message : String(error) });
  }
}

/** The URL of a primary, or of the hosts of which one is. */
function postgresUrl() {
  return z
    .string()
    .refine((text) => parseDatabaseUrl(text) !== null, {
      error: "is not a URL such as postgres://user:password@host:5432/database",
      abort: true,
    })
    .refine((text) => PRIMARY_TARGETS.has(parseDatabaseUrl(text)?.target ?? "primary"), {
      error: "has a target_session_attrs other than primary and read-write",
    });
}

function postgresUrls() {
  return z
    .string()
    .transform((text) => text.split(",").map((url) => url.trim()))
    .transform((list) => list.filter((url) => url !== ""))
    .refine((list) => list.every((url) => parseDatabaseUrl(url) !== null), {
      error: "is not a list of URLs such as postgres://user:password@replica:5432/database, separated by commas",
    });
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/./.test(text) && URL.canParse(text);
}
