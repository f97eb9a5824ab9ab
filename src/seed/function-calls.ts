import type { JsonObject } from "../model/json.ts";
import type { MessageFragment } from "../model/message-fragment.ts";

import type { Random } from "./random.ts";
import { drawDate, drawReference } from "./sentences.ts";

/** A function that generated agents call, with its arguments and responses. */
interface CallableFunction {
  name: string;
  args(random: Random): JsonObject;
  response(random: Random): string;
}

const FUNCTIONS: readonly [CallableFunction, ...CallableFunction[]] = [
  {
    name: "getOrderStatus",
    args: (random) => ({ orderId: drawReference(random) }),
    response: (random) => JSON.stringify({ status: random.pick(["shipped", "packed", "lost"]), eta: drawDate(random) }),
  },
  {
    name: "searchFlights",
    args: (random) => ({
      from: random.pick(["LIS", "MUC", "ORD"]),
      to: random.pick(["GRU", "HND", "CAI"]),
      date: drawDate(random),
      passengers: { adults: random.integer(1, 4), children: random.integer(0, 2) },
      cabins: ["economy", random.pick(["business", "premium"])],
    }),
    // Indented as tools print it: a response is text, kept byte for byte.
    response: (random) =>
      JSON.stringify({ flights: [{ id: `CG${random.integer(100, 999)}`, price: random.integer(80, 900) }] }, null, 2),
  },
  {
    name: "queryKnowledgeBase",
    args: (random) => ({
      query: random.pick(["refund policy", "Gepäckregeln", "change fee"]),
      limit: random.integer(1, 5),
    }),
    response: (random) => `§${random.integer(1, 40)}: changes are free until 24 hours before departure.`,
  },
  {
    name: "refundPayment",
    args: (random) => ({ reference: drawReference(random), amount: random.integer(500, 99_999) / 100, notify: true }),
    response: (random) => String(random.integer(100_000, 999_999)),
  },
  { name: "getCurrentUser", args: () => ({}), response: () => "" },
];

const FAILURES = ["Error: timeout after 30 s", "Error: not found", '{"error": "permission denied"}'] as const;

/** A call of a function and its response; one response in twelve is a failure. */
export function drawFunctionCall(random: Random): MessageFragment[] {
  const called = random.pick(FUNCTIONS);
  const { name } = called;
  const callId = random.chance(0.5) ? { metadata: { callId: `call_${random.integer(1e8, 9e8)}` } } : {};
  const failed = random.chance(1 / 12);
  const response = failed ? random.pick(FAILURES) : called.response(random);
  return [
    { kind: "functionCall", name, args: called.args(random), ...callId },
    { kind: "functionResponse", name, response, failed, ...callId },
  ];
}
