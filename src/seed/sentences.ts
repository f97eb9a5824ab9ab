import type { Phrases } from "./phrases.ts";
import type { Random } from "./random.ts";

const CITIES = ["Lisbon", "München", "São Paulo", "Kraków", "東京", "Chicago", "القاهرة", "Zürich"] as const;
const FILLERS: Record<string, (random: Random) => string> = {
  reference: drawReference,
  city: (random) => random.pick(CITIES),
  date: drawDate,
  amount: (random) => `${random.integer(5, 1999)}.${random.integer(10, 99)} ${random.pick(["€", "USD", "CHF"])}`,
};

/** A text of a user: a question first, later remarks. */
export function drawUserText(random: Random, phrases: Phrases, isFirst: boolean): string {
  const text = fill(random, random.pick(isFirst ? phrases.questions : phrases.remarks));
  return random.chance(0.2) ? `${text} ${fill(random, random.pick(phrases.questions))}` : text;
}

/** A text of an agent: one to five sentences, sometimes in paragraphs. */
export function drawAgentText(random: Random, phrases: Phrases): string {
  const details = Array.from({ length: random.integer(0, 3) }, () => random.pick(phrases.details));
  const closing = random.chance(0.4) ? [random.pick(phrases.closings)] : [];
  const sentences = [random.pick(phrases.answers), ...details, ...closing];
  return fill(random, sentences.join(random.chance(0.3) ? "\n\n" : " "));
}

/** The number of an order or a booking, such as `R-48213`. */
export function drawReference(random: Random): string {
  return `${random.pick(["R", "ORD", "INV", "BK"])}-${random.integer(10_000, 99_999)}`;
}

/** A day of 2025, such as `2025-03-07`. */
export function drawDate(random: Random): string {
  return `2025-${String(random.integer(1, 12)).padStart(2, "0")}-${String(random.integer(1, 28)).padStart(2, "0")}`;
}

function fill(random: Random, phrase: string): string {
  return phrase.replaceAll(/\{(\w+)\}/g, (slot, name: string) => FILLERS[name]?.(random) ?? slot);
}
