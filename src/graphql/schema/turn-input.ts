import { badInput } from "../../model/errors.ts";
import { MAX_METADATA_PAIRS, MAX_TURN_BYTES } from "../../model/rules.ts";
import { turnBytes, turnTooLong } from "../../store/sql/turn-bytes.ts";
import type { NewTurn } from "../../store/write/turn-content.ts";
import { builder } from "./builder.ts";
import { MAX_FRAGMENTS } from "./list-bounds.ts";
import { MessageFragmentInput, toFragments } from "./message-fragment-input.ts";
import { MetadataEntryInput, toMetadata } from "./metadata-input.ts";
import { checkOwnId, OWN_ID } from "./own-id.ts";
import { TurnRoleType, TurnStateType } from "./turn.ts";

export const TurnInput = builder.inputType("TurnInput", {
  description: "A turn to store.",
  fields: (t) => ({
    id: t.id({ description: `${OWN_ID} Not with the prefix \`conv_\`.` }),
    role: t.field({ type: TurnRoleType, required: true, description: "The speaker." }),
    messages: t.field({
      type: [MessageFragmentInput],
      required: true,
      description: `The turn's fragments in order, up to ${MAX_FRAGMENTS}. Empty for a turn that is about to stream. With \`errorDetail\` up to ${MAX_TURN_BYTES} bytes as they are stored; more is LIMIT_EXCEEDED.`,
    }),
    state: t.field({
      type: TurnStateType,
      description:
        "DONE when left out. IN_PROGRESS for an ASSISTANT turn that `updateTurn` continues. A USER turn is always DONE.",
    }),
    errorDetail: t.string({
      description: "The reason of the state ERROR, with which alone it goes; none when left out.",
    }),
    inReplyToId: t.id({
      description: "The USER turn of the same conversation that an ASSISTANT turn answers; none when left out.",
    }),
    timestamp: t.field({ type: "DateTime", description: "The instant at which the turn was said; now when left out." }),
    metadata: t.field({
      type: [MetadataEntryInput],
      description: `Up to ${MAX_METADATA_PAIRS} pairs; none when left out. A key given twice is BAD_USER_INPUT.`,
    }),
  }),
});

/**
 * The turn to store. BAD_USER_INPUT, naming the argument, for a turn that breaks a rule which needs no query, and
 * LIMIT_EXCEEDED for one that is too long.
 */
export function toNewTurn(argument: string, input: typeof TurnInput.$inferInput): NewTurn {
  const state = input.state ?? "done";
  if (input.role === "user" && state !== "done") throw badInput(`${argument}.state`, "A USER turn is always DONE.");
  if (input.role === "user" && (input.inReplyToId ?? null) !== null) {
    throw badInput(`${argument}.inReplyToId`, "Only an ASSISTANT turn replies.");
  }
  checkErrorDetail(`${argument}.errorDetail`, input.errorDetail, state);
  const messages = toFragments(`${argument}.messages`, input.messages);
  const errorDetail = input.errorDetail ?? null;
  if (turnBytes(messages, null) > MAX_TURN_BYTES) throw turnTooLong(`${argument}.messages`);
  if (turnBytes(messages, errorDetail) > MAX_TURN_BYTES) throw turnTooLong(`${argument}.errorDetail`);
  return {
    id: input.id == null ? null : checkOwnId(`${argument}.id`, "turn", input.id),
    role: input.role,
    state,
    messages,
    errorDetail,
    inReplyToId: input.inReplyToId ?? null,
    timestamp: input.timestamp ?? new Date(),
    metadata: toMetadata(`${argument}.metadata`, input.metadata ?? []),
  };
}

/** What of a turn's input a call with an idempotency key must repeat: defaults that differ with each call are left out. */
export function askedOf(turn: NewTurn, { id, metadata, timestamp }: typeof TurnInput.$inferInput): object {
  return { ...turn, id, metadata, timestamp };
}

/** BAD_USER_INPUT for an error detail beside any state but ERROR. */
export function checkErrorDetail(argument: string, detail: string | null | undefined, state: string | null): void {
  if ((detail ?? null) === null || state === "error") return;
  throw badInput(argument, "`errorDetail` goes only with the state ERROR.");
}
