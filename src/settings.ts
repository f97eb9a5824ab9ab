import { z } from "zod";

import { LOG_LEVELS } from "./log.ts";
import { DEFAULT_PROJECT } from "./model/rules.ts";
import {
  documentsFile,
  flag,
  fraction,
  httpUrl,
  keyFile,
  oneOf,
  origins,
  postgresUrl,
  postgresUrls,
  projectName,
  secretFile,
  setting,
  wholeNumber,
  workers,
} from "./setting-rules.ts";

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
export const settings = z.object({
  port: setting(wholeNumber(0, 65_535), "4000", "port to listen on; 0 takes a free one"),
  host: setting(
    z.string(),
    "127.0.0.1",
    "address to listen on; only loopback while no key was created and no tokens are taken",
  ),
  workers: setting(
    workers(),
    "1",
    "processes that answer requests on the port; auto: one a core, as far as POOL_SIZE has 4 connections for each",
  ),
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
  initialKeyFile: keyFile()
    .optional()
    .meta({ description: "file with a project key of project default, stored when no key was ever created" }),
  authJwksUrl: httpUrl("https://issuer.example/.well-known/jwks.json")
    .optional()
    .meta({ description: "JWKS of an issuer whose tokens (JWT) let users in, beside keys" }),
  authJwtSecretFile: secretFile().optional().meta({
    description: "instead of AUTH_JWKS_URL: file with the secret that a backend signs its tokens with (HS256)",
  }),
  authIssuer: z.string().optional().meta({ description: "the iss that tokens must have" }),
  authAudience: z.string().optional().meta({ description: "the aud that tokens must have" }),
  authUserClaim: setting(z.string(), "sub", "claim of a token that names its user"),
  authProject: setting(projectName(), DEFAULT_PROJECT, "project of every token"),
  authProjectClaim: z
    .string()
    .optional()
    .meta({ description: "instead of AUTH_PROJECT: claim of a token that names its project" }),
  authWriteScope: z.string().optional().meta({ description: "scope without which a token only reads" }),
  migrate: setting(flag(), "1", "0: do not migrate the database at start"),
  sampleData: setting(flag(), "1", "0: leave an empty embedded database empty"),
  corsOrigins: setting(
    origins(),
    "",
    "origins that browsers may call from, separated by commas; https://*.example.com for subdomains",
  ),
  viewer: setting(flag(), "1", "0: no page at / that shows conversations"),
  graphiql: setting(flag(), "1", "0: no GraphiQL at /graphql"),
  metrics: setting(flag(), "0", "1: Prometheus metrics at /metrics, to every caller that reaches the port"),
  persistedDocuments: documentsFile().optional().meta({
    description: "JSON file of trusted documents by their ids, as the client preset and Relay's compiler write it",
  }),
  persistedDocumentsOnly: setting(flag(), "0", "1: answer no GraphQL document but those of PERSISTED_DOCUMENTS"),
  introspection: setting(flag(), "1", "0: refuse introspection queries, and no /schema.graphql and /schema.json"),
  docs: setting(flag(), "1", "0: no documents of the REST lists at /docs and /openapi.json"),
  logLevel: setting(oneOf(LOG_LEVELS), "info", `what goes to standard error: ${LOG_LEVELS.join(", ")}`),
  otelExporterOtlpEndpoint: httpUrl("http://collector:4318")
    .optional()
    .meta({ description: "OpenTelemetry collector that traces are sent to, over OTLP/HTTP; without it, none are" }),
  otelTracesSampler: setting(
    oneOf(SAMPLER_NAMES),
    "parentbased_always_on",
    "which requests are traced, in OpenTelemetry's words",
  ),
  otelTracesSamplerArg: setting(
    fraction(),
    "1",
    "part of the requests that a traceidratio sampler traces, from 0 to 1",
  ),
  poolSize: setting(wholeNumber(1, 1000), "10", "connections to the database, at most; WORKERS share them"),
  poolTimeoutMs: setting(wholeNumber(1, 3_600_000), "1500", "milliseconds that a statement waits for a connection"),
  statementTimeoutMs: setting(wholeNumber(1, 3_600_000), "5000", "milliseconds after which a statement is cancelled"),
  lockTimeoutMs: setting(
    wholeNumber(1, 3_600_000),
    "500",
    "milliseconds that a statement of the server waits for a lock",
  ),
  databasePrepare: setting(
    flag(),
    "1",
    "0: no prepared statements and no timeouts set on connections, for a pooler in transaction mode",
  ),
  staleTurnMinutes: setting(
    wholeNumber(0, 525_600),
    "60",
    "minutes without a write to its conversation after which a turn in progress is stopped; 0: never",
  ),
  retentionDays: setting(
    wholeNumber(0, 36_500),
    "0",
    "days without a write after which a conversation is deleted; 0: never",
  ),
  maxBodyBytes: setting(wholeNumber(1, 1_073_741_824), "1048576", "bytes that a request's body may have"),
  maxItems: setting(wholeNumber(1, 10_000), "1000", "items that a call of the Conversations API may bring"),
  maxItemsBodyBytes: setting(
    wholeNumber(1, 268_435_456),
    "16777216",
    "bytes that a body of the Conversations API may have",
  ),
  maxPageBytes: setting(
    wholeNumber(1, 1_000_000_000),
    "8388608",
    "bytes that the turns of one read may have; a page of turns ends before there are more",
  ),
  maxAnswerBytes: setting(
    wholeNumber(1, 1_000_000_000),
    "16777216",
    "bytes that a GraphQL answer may have, and the rows that are read for it",
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
  compression: setting(
    oneOf(["remote", "all", "none"]),
    "remote",
    "callers whose answers are compressed as they accept it: remote (on other machines), all, none",
  ),
  compressionMinBytes: setting(wholeNumber(1, 1_000_000_000), "1400", "bytes from which on an answer is compressed"),
  proxyBuffering: setting(
    flag(),
    "0",
    "1: event streams without X-Accel-Buffering: no, so that nginx collects their events",
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
