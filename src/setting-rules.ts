import { createSecretKey } from "node:crypto";
import { readFileSync } from "node:fs";

import { z } from "zod";

import { originFault } from "./http/origins.ts";
import { readInitialKey } from "./initial-key.ts";
import { isProjectId } from "./model/rules.ts";
import { parseDatabaseUrl } from "./store/database/database-url.ts";

/** What libpq calls a session that this program can use; both mean the one host that is no standby. */
const PRIMARY_TARGETS = new Set(["primary", "read-write"]);

/** A setting with this rule, and the default that it takes where the environment has none, written as in the environment. */
export function setting<Value>(rule: z.ZodType<Value, string>, byDefault: string, description: string) {
  return rule.prefault(byDefault).meta({ byDefault, description });
}

/** A message that quotes the value. Not for values that may hold a password. */
function fault(rule: string) {
  return (issue: { input?: unknown }) => `${rule}: ${JSON.stringify(issue.input)}`;
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .refine((text) => /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: fault(`is not a whole number from ${least} to ${most}`),
    })
    .transform(Number);
}

/** A number of processes, or as many as the machine has use for. */
export function workers() {
  return z
    .string()
    .refine((text) => text === "auto" || (/^\d{1,3}$/.test(text) && Number(text) >= 1), {
      error: fault("is neither auto nor a whole number from 1 to 999"),
    })
    .transform((text) => (text === "auto" ? text : Number(text)));
}

/** A number from 0 to 1. */
export function fraction() {
  return z
    .string()
    .refine((text) => /^(0|1|0?\.\d{1,9}|1\.0+)$/.test(text), { error: fault("is not a number from 0 to 1") })
    .transform(Number);
}

/** Something that is on or off. */
export function flag() {
  return z.stringbool({
    truthy: ["1", "true", "on"],
    falsy: ["0", "false", "off"],
    error: fault("is neither 1 nor 0"),
  });
}

/** Origins, separated by commas; none is allowed. Each that is none is a fault of its own. */
export function origins() {
  return z
    .string()
    .transform((text) => text.split(",").map((origin) => origin.trim()))
    .transform((list) => list.filter((origin) => origin !== ""))
    .check(({ value, issues }) => {
      for (const origin of value) {
        const found = originFault(origin);
        if (found === null) continue;
        issues.push({ code: "custom", input: value, message: `has ${JSON.stringify(origin)}, which ${found}` });
      }
    });
}

/** A file with a key. It is read here, so that its faults are listed with all others, before a database is started. */
export function keyFile() {
  return z.string().check(({ value, issues }) => {
    try {
      readInitialKey(value);
    } catch (error) {
      issues.push({ code: "custom", input: value, message: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** A JSON file that maps the ids of documents to their texts: read here, as the file of a key is. */
export function documentsFile() {
  return z.string().transform((file, { addIssue }) => {
    try {
      const documents = z.record(z.string(), z.string()).safeParse(JSON.parse(readFileSync(file, "utf8")));
      if (documents.success) return new Map(Object.entries(documents.data));
      addIssue(`names a file that is no JSON object of texts: ${file}`);
    } catch (error) {
      addIssue(`names a file that cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    return z.NEVER;
  });
}

/** The URL of a primary, or of the hosts of which one is. Faults do not quote it: it may hold a password. */
export function postgresUrl() {
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

/** URLs of databases, separated by commas; none is allowed. */
export function postgresUrls() {
  return z
    .string()
    .transform((text) => text.split(",").map((url) => url.trim()))
    .transform((list) => list.filter((url) => url !== ""))
    .refine((list) => list.every((url) => parseDatabaseUrl(url) !== null), {
      error: "is not a list of URLs such as postgres://user:password@replica:5432/database, separated by commas",
    });
}

/** A URL with the scheme http or https. */
export function httpUrl(example: string) {
  return z
    .string()
    .refine((text) => /^https?:\/\/./.test(text) && URL.canParse(text), `is not a URL such as ${example}`);
}

// RFC 7518 asks for as many bytes as HS256's hash has.
const LEAST_SECRET_BYTES = 32;

/** A file with the secret that signs tokens: its text without spaces and line ends around it. Read here, as the file of a key is. */
export function secretFile() {
  return z.string().transform((file, { addIssue }) => {
    try {
      const secret = Buffer.from(readFileSync(file, "utf8").trim());
      if (secret.length >= LEAST_SECRET_BYTES) return createSecretKey(secret);
      addIssue(`names a file whose secret has fewer than ${LEAST_SECRET_BYTES} bytes: ${file}`);
    } catch (error) {
      addIssue(`names a file that cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    return z.NEVER;
  });
}

/** The name of a project. */
export function projectName() {
  return z.string().refine(isProjectId, {
    error: fault("is not 1 to 64 letters, digits, dots, underscores or hyphens that begin with a letter or a digit"),
  });
}

/** One of these words. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, { error: fault(`is not one of ${words.join(", ")}`) });
}
