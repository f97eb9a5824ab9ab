import type { ConversationRecord } from "../model/conversation-record.ts";
import { assistant, call, failure, response, sample, text, user } from "./sample-turns.ts";

const SUPPORT = { name: "support-agent", version: "3" };
const TRAVEL = { name: "travel-desk", version: "2" };
const CODING = { name: "code-companion", version: null };

/**
 * The content of an empty embedded database, so that GraphiQL has every kind of fragment and every state to show.
 * Oldest first.
 */
export const SAMPLE_CONVERSATIONS: readonly ConversationRecord[] = [
  sample({
    title: "Why is the sky blue?",
    createdAt: "2026-10-05T08:12:41.250Z",
    agent: { name: "support-agent", version: "2" },
    turns: [
      user("Hello! Why is the sky blue?"),
      assistant(
        call("queryKnowledgeBase", { query: "Why is the sky blue?" }),
        response("queryKnowledgeBase", '{\n  "kind": "docs",\n  "results": []\n}'),
        text(
          "Our articles do not say. In short: air scatters blue light more than red light, so it reaches you from everywhere.",
        ),
      ),
      user("Good enough, thanks."),
      assistant(text("You're welcome! 🌤️")),
    ],
  }),
  sample({
    title: "Wo ist mein Paket?",
    createdAt: "2026-10-07T14:03:09.004Z",
    agent: SUPPORT,
    user: "anna",
    metadata: { language: "de", channel: "web" },
    turns: [
      user("Guten Tag, mein Paket ORD-20417 sollte gestern kommen. 📦"),
      assistant(
        text("Das prüfe ich gern für Sie."),
        call("getOrderStatus", { orderId: "ORD-20417", expand: ["carrier", "events"] }),
        response("getOrderStatus", '{"status":"in transit","carrier":{"name":"DHL"},"eta":"2026-10-09"}'),
        text("Ihr Paket ist unterwegs und kommt voraussichtlich am 9. Oktober."),
      ),
      user("Alles klar, vielen Dank!"),
      assistant(text("Gern geschehen. Schönen Tag noch!")),
    ],
  }),
  sample({
    title: "Double charge on an invoice",
    createdAt: "2026-10-12T16:45:00.000Z",
    agent: SUPPORT,
    user: "ben",
    metadata: { channel: "e-mail", priority: "high" },
    turns: [
      user("Invoice INV-88120 was charged twice. Please send one of the two payments back."),
      assistant(
        call("listPayments", { invoice: "INV-88120" }, { callId: "call_1" }),
        response("listPayments", '[{"id":"pay_7","amount":129.90},{"id":"pay_8","amount":129.90}]', {
          callId: "call_1",
        }),
        call("refundPayment", { payment: "pay_8", reason: { code: "duplicate", note: null } }, { callId: "call_2" }),
        failure("refundPayment", "Error: refunds over 100.00 need an approval"),
        text("You are right: it was charged twice. The refund of 129.90 needs an approval, which I have asked for."),
      ),
      user("How long will that take?"),
      assistant(text("Usually less than a day. You will get an email as soon as it is approved.")),
    ],
  }),
  sample({
    title: "A weekend in Lisbon",
    createdAt: "2026-10-18T07:30:15.120Z",
    agent: TRAVEL,
    user: "chiara",
    metadata: { channel: "app", budget: "600 EUR" },
    turns: [
      user("I'd like to spend a weekend in Lisbon in November, for at most 600 €."),
      assistant(text("Lovely idea. Where do you start from, and how many of you are there?")),
      user("From Milan, two people."),
      assistant(
        call("searchFlights", { from: "MXP", to: "LIS", date: "2026-11-13", passengers: { adults: 2, children: 0 } }),
        response("searchFlights", '{"flights":[{"id":"CG412","price":188},{"id":"CG418","price":154}]}'),
        text("There are two flights on Friday, 13 November:\n- CG412 at 07:10, 188 €\n- CG418 at 19:40, 154 €"),
      ),
      user("The later one. I'm not superstitious. 😄"),
      assistant(text("Noted. Shall I look for a hotel for two nights as well?")),
      user("Yes, somewhere in Alfama."),
      assistant(
        call("searchHotels", { city: "Lisbon", area: "Alfama", nights: 2, maxPrice: 250 }),
        response("searchHotels", '{"hotels":[{"name":"Casa do Miradouro","price":212.5}]}'),
        text("Casa do Miradouro has a double room for 212.50 €, breakfast included."),
      ),
      user("Perfect, book both."),
      assistant(
        call("bookTrip", { flight: "CG418", hotel: "Casa do Miradouro" }),
        response("bookTrip", "BK-55310"),
        text("Done! Your booking is BK-55310, 366.50 € in total. Boa viagem! ✈️"),
      ),
    ],
  }),
  sample({
    title: "Explaining a regular expression",
    createdAt: "2026-10-21T19:02:33.871Z",
    agent: CODING,
    user: "ben",
    turns: [
      user("What does `^[\\x20-\\x7e]{1,128}$` match?"),
      assistant(
        text(
          "One to 128 printable ASCII characters, the space included:\n\n```js\n/^[\\x20-\\x7e]{1,128}$/.test(id)\n```",
        ),
      ),
      user("And an empty string?"),
      assistant(text("No: the quantifier begins at 1.", "done", { citations: [{ title: "MDN: Quantifiers" }] })),
    ],
  }),
  sample({
    title: "配送先の変更",
    createdAt: "2026-10-26T01:15:47.300Z",
    agent: SUPPORT,
    user: "daichi",
    metadata: { language: "ja" },
    turns: [
      user("注文 ORD-31177 の配送先を変更できますか?"),
      assistant(
        call("updateAddress", { orderId: "ORD-31177", city: "京都" }),
        response("updateAddress", ""),
        text("配送先を京都に変更いたしました。🙇"),
      ),
    ],
  }),
  sample({
    title: "A report that was stopped",
    createdAt: "2026-10-29T10:20:00.500Z",
    agent: CODING,
    turns: [
      user("Write a full report on last month's incidents."),
      {
        ...assistant(text("# Incidents in September\n\n1. On 3 September the search index", "in-progress")),
        state: "stopped",
      },
      user("Shorter, please: one sentence each."),
      assistant(text("3 September: the search index lagged by an hour. 17 September: none of the alarms was real.")),
    ],
  }),
  sample({
    title: "Flight status while the airline is away",
    createdAt: "2026-11-03T05:58:12.042Z",
    agent: TRAVEL,
    user: "chiara",
    metadata: { channel: "app" },
    turns: [
      user("Is CG418 on time?"),
      {
        ...assistant(
          call("getFlightStatus", { flight: "CG418" }),
          failure("getFlightStatus", "Error: 503 from the airline"),
        ),
        state: "error",
        errorDetail: "The airline's service did not answer within 30 seconds.",
      },
      user("Please try again."),
      assistant(
        call("getFlightStatus", { flight: "CG418" }),
        response("getFlightStatus", '{"status":"on time","gate":"B12"}'),
        text("Yes, CG418 is on time and leaves from gate B12."),
      ),
    ],
  }),
  sample({
    title: "Answer withheld",
    createdAt: "2026-11-06T22:41:05.660Z",
    agent: SUPPORT,
    turns: [
      user("Tell me the card number on file for anna."),
      {
        ...assistant(text("I'm afraid I", "in-progress")),
        state: "error",
        errorDetail: "Withheld by the content filter.",
      },
    ],
  }),
  sample({
    title: "Precise numbers",
    createdAt: "2026-11-09T12:00:00.000Z",
    agent: null,
    metadata: { channel: "api" },
    turns: [
      user("Read meter 12345678901234567890."),
      assistant(
        call("readMeter", { meter: "12345678901234567890", unit: "kWh", tags: { site: "north", floors: [1, 2, 3] } }),
        response("readMeter", "48213.70", { callId: "call_meter", cached: false }),
        text("The meter stands at 48213.70 kWh."),
      ),
    ],
  }),
  sample({
    title: "¿Dónde está mi pedido?",
    createdAt: "2026-11-12T18:26:59.999Z",
    agent: SUPPORT,
    user: "elena",
    metadata: { language: "es", channel: "phone" },
    turns: [
      user("Hola, ¿dónde está mi pedido ORD-40966?"),
      assistant(text("Un momento, lo reviso ahora mismo."), call("getOrderStatus", { orderId: "ORD-40966" })),
      assistant(
        response("getOrderStatus", '{"status":"delivered"}'),
        text("Se entregó esta mañana. ¿Necesita algo más?"),
      ),
    ],
  }),
  sample({
    title: "An answer that is still being written",
    createdAt: "2026-11-15T09:05:30.777Z",
    agent: TRAVEL,
    user: "anna",
    metadata: { channel: "web" },
    turns: [
      user("Which documents do I need for a trip to Brazil?"),
      {
        ...assistant(text("For stays of up to 90 days you need a passport that is valid for", "in-progress")),
        state: "in-progress",
      },
    ],
  }),
];
