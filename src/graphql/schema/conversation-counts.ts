import { badInput } from "../../model/errors.ts";
import { countByDay, DAY_MS } from "../../store/read/counts-by-day.ts";
import { builder } from "./builder.ts";
import { checkText } from "./input-rules.ts";

const MAX_BUCKETS = 400;

const CountInterval = builder.enumType("CountInterval", {
  description: "A span of time in UTC.",
  values: {
    DAY: { description: "A day, from midnight." },
    WEEK: { description: "A week, from Monday, as ISO 8601 has it." },
    MONTH: { description: "A month, from its first day." },
  },
});
type Interval = typeof CountInterval.$inferType;

interface Bucket {
  from: Date;
  to: Date;
}

const ConversationCountType = builder.objectRef<Bucket & { count: number }>("ConversationCount").implement({
  description: "How many conversations were created in a span of time.",
  fields: (t) => ({
    from: t.expose("from", { type: "DateTime", description: "The first instant of the span." }),
    to: t.expose("to", { type: "DateTime", description: "The first instant after it." }),
    count: t.exposeInt("count", { description: "The number of conversations that the caller sees. Exact." }),
  }),
});

builder.queryField("conversationCounts", (t) =>
  t.field({
    type: [ConversationCountType],
    complexity: MAX_BUCKETS,
    description: `How many conversations were created in each interval from \`from\` to \`to\`, oldest first, those without any included: up to ${MAX_BUCKETS}. The first and the last end at these instants.`,
    args: {
      from: t.arg({ type: "DateTime", required: true, description: "Created at this instant or later." }),
      to: t.arg({
        type: "DateTime",
        required: true,
        description: "Created earlier than this instant, which is later than `from`.",
      }),
      by: t.arg({
        type: CountInterval,
        required: true,
        defaultValue: "DAY",
        description: "The length of an interval.",
      }),
      agentName: t.arg.string({ description: "The agent's name, exactly; all conversations when left out." }),
    },
    resolve: async (_root, { from, to, by, agentName }, { database, scope }) => {
      checkText("agentName", agentName);
      const buckets = bucketsOf({ from, to }, by);
      const days = await countByDay(database, scope, { from, to, agentName: agentName ?? null });
      return buckets.map((bucket) => ({ ...bucket, count: countIn(days, bucket) }));
    },
  }),
);

/** The intervals of the span. BAD_USER_INPUT for a span that is empty, and for one with too many. */
function bucketsOf({ from, to }: Bucket, by: Interval): Bucket[] {
  if (from >= to) throw badInput("to", "`to` must be later than `from`.");
  const buckets: Bucket[] = [];
  for (let start = from; start < to; ) {
    if (buckets.length === MAX_BUCKETS) throw badInput("to", `There may be up to ${MAX_BUCKETS} intervals.`);
    const next = nextStart(start, by);
    const end = next < to ? next : to;
    buckets.push({ from: start, to: end });
    start = end;
  }
  return buckets;
}

/** The first instant of the next interval after the instant. */
function nextStart(instant: Date, by: Interval): Date {
  const next = new Date(Math.floor(instant.getTime() / DAY_MS) * DAY_MS);
  if (by === "MONTH") next.setUTCMonth(next.getUTCMonth() + 1, 1);
  else next.setUTCDate(next.getUTCDate() + (by === "DAY" ? 1 : 7 - ((next.getUTCDay() + 6) % 7)));
  return next;
}

/** The sum of the bucket's days, none of which has a part in another bucket. */
function countIn(days: ReadonlyMap<number, number>, { from, to }: Bucket): number {
  const end = Math.ceil(to.getTime() / DAY_MS);
  let count = 0;
  for (let day = Math.floor(from.getTime() / DAY_MS); day < end; day += 1) count += days.get(day) ?? 0;
  return count;
}
