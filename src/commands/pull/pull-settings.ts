import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { isolationKeyFault } from "../../model/rules.ts";
import { UsageError } from "../command.ts";
import { reasonOf } from "../reason.ts";

const LONGEST_TIMEOUT_S = 300;

export interface PullValues {
  from?: string;
  url?: string;
  key?: string;
  "key-file"?: string;
  agent?: string;
  "isolation-key"?: string;
  "skip-known"?: boolean;
  timeout?: string;
}

export interface PullSettings {
  from: "foundry" | "fixie";
  /** The service's address without a slash at the end; its query is part of every request. */
  url: URL;
  /** Null when none is given. */
  key: string | null;
  /** Foundry: only the conversations of this agent, null for all. Fixie: the agent of the list. */
  agent: string | null;
  /** The headers of every request. */
  headers: Record<string, string>;
  skipKnown: boolean;
  timeoutMs: number;
}

/**
 * The options of `pull`, checked. Throws UsageError naming the option at fault, and an Error for an unreadable key
 * file.
 */
export async function readPullSettings(values: PullValues): Promise<PullSettings> {
  const { from, agent = null, "skip-known": skipKnown = false } = values;
  if (from !== "foundry" && from !== "fixie") throw new UsageError("--from must be foundry or fixie");
  const url = readUrl(values.url);
  if (from === "fixie" && agent === null)
    throw new UsageError("--agent must be given: Fixie lists one agent's conversations");
  if (from === "fixie" && skipKnown) {
    throw new UsageError("--skip-known goes with --from foundry: Fixie's list holds the turns, so nothing is saved");
  }
  const isolation = readIsolation(values["isolation-key"]);
  const timeoutMs = readTimeout(values.timeout);
  const key = await readKey(values);
  const headers = { accept: "application/json", ...keyHeaders(from, key), ...isolation };
  return { from, url, key, agent, headers, skipKnown, timeoutMs };
}

function readUrl(value: string | undefined): URL {
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError("--url must be the service's address, such as https://example.com");
  }
  if (url.username !== "" || url.password !== "") throw new UsageError("--url must not hold a name or a password");
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

/**
 * The key from the option, the file or standard input; null when none is given. A key on the command line shows in the
 * list of processes, so a file is the better place.
 */
async function readKey({ key: given, "key-file": file }: PullValues): Promise<string | null> {
  if (given !== undefined && file !== undefined) throw new UsageError("--key and --key-file cannot go together");
  if (given === undefined && file === undefined) return null;
  const option = file === undefined ? "--key" : "--key-file";
  const key = (given ?? (await readKeyFile(file ?? "-"))).trim();
  // The characters that a header can carry. The message must not show the key.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UsageError(`${option} must give a key: printable ASCII without spaces`);
  return key;
}

async function readKeyFile(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  return readFile(file, "utf8").catch((error) => {
    throw new Error(`--key-file: ${reasonOf(error)}`);
  });
}

/** Foundry takes keys as `api-key`, and only an account's tokens (JWTs) as Bearer; Fixie takes all as Bearer. */
function keyHeaders(from: PullSettings["from"], key: string | null): Record<string, string> {
  if (key === null) return {};
  const isToken = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(key);
  return from === "foundry" && !isToken ? { "api-key": key } : { authorization: `Bearer ${key}` };
}

function readIsolation(key: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  const fault =
    key.trim() === key ? isolationKeyFault(key) : "must not begin or end with a space, which no header carries";
  if (fault !== null) throw new UsageError(`--isolation-key ${fault}`);
  // The bytes of UTF-8 as one character each: the text of a header has no others.
  return { "x-ms-user-isolation-key": Buffer.from(key).toString("latin1") };
}

function readTimeout(value = "60"): number {
  const seconds = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (seconds >= 1 && seconds <= LONGEST_TIMEOUT_S) return seconds * 1000;
  throw new UsageError(`--timeout must be a whole number of seconds from 1 to ${LONGEST_TIMEOUT_S}`);
}
