import { createHash } from "node:crypto";
import { type ConversationRecord, UNDESCRIBED } from "../model/conversation-record.ts";
import { derivedId } from "../model/ids.ts";
import { generateTurns } from "./generate-turns.ts";
import { ALL_PHRASES, type Phrases } from "./phrases.ts";
import { Random } from "./random.ts";
import { drawReference } from "./sentences.ts";

const SHORTEST = 4;
const LONGEST = 600;
// The exponent of a Pareto distribution from 4 to 600 with a mean of 9.4 turns: most are short, one in 3,000 is longer
// than 500.
const SKEW = 1.66;

const FIRST_CREATED = Date.UTC(2025, 0, 1);
const BLOCK = { conversations: 100, lengthMs: 3_600_000, apart: 70, betweenMs: 30_011 };

const USERS = 400;
const AGENTS: readonly [ConversationRecord["agent"], ...ConversationRecord["agent"][]] = [
  { name: "support-agent", version: "3" },
  { name: "support-agent", version: "3" },
  { name: "support-agent", version: "2" },
  { name: "travel-desk", version: "2025-01-15" },
  { name: "travel-desk", version: "2025-06-01" },
  { name: "billing", version: null },
  null,
];

/**
 * The nth conversation (from 0) of a seed: the same for the same two arguments, ids and instants included, and
 * independent of how many are generated. 4 to 600 turns, 9.4 on average, with two fragments each on average.
 */
export function generateConversation(n: number, seed: string): ConversationRecord {
  const digest = createHash("sha256").update(`${seed}\n${n}`).digest();
  const random = new Random(digest.subarray(16));
  const id = derivedId("conversation", digest);
  const createdAt = createdAtOf(n);
  const phrases = random.pick(ALL_PHRASES);
  const turns = generateTurns(random, id, createdAt, drawLength(random), phrases);
  return {
    ...UNDESCRIBED,
    id,
    createdAt,
    updatedAt: turns.at(-1)?.timestamp ?? createdAt,
    metadata: drawMetadata(random, phrases),
    agent: random.pick(AGENTS),
    isolationKey: drawIsolationKey(random),
    timesMadeUp: false,
    turnIds: "global",
    turns,
  };
}

/**
 * Grows with n. Of every hundred the last thirty begin in one millisecond, so that the order among ties is exercised.
 */
function createdAtOf(n: number): Date {
  const block = Math.floor(n / BLOCK.conversations);
  const place = Math.min(n % BLOCK.conversations, BLOCK.apart);
  return new Date(FIRST_CREATED + block * BLOCK.lengthMs + place * BLOCK.betweenMs);
}

function drawLength(random: Random): number {
  const length = SHORTEST * (1 - random.fraction()) ** (-1 / SKEW);
  return Math.min(Math.floor(length), LONGEST);
}

/** Seven of ten conversations belong to a user, and a few users have many conversations. */
function drawIsolationKey(random: Random): string | null {
  if (random.chance(0.3)) return null;
  return `user-${String(Math.floor(USERS * random.fraction() ** 2)).padStart(4, "0")}`;
}

function drawMetadata(random: Random, phrases: Phrases): Record<string, string> {
  return {
    ...(random.chance(0.8) && { channel: random.pick(["web", "web", "phone", "app", "e-mail"]) }),
    ...(random.chance(0.5) && { language: phrases.language }),
    ...(random.chance(0.3) && { ticket: drawReference(random) }),
    ...(random.chance(0.1) && { priority: random.pick(["low", "high", "urgent 🔥"]) }),
  };
}
