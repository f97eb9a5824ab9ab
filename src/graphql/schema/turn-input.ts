import { badInput } from "../../model/errors.ts";
import type { NewTurn } from "../../store/write/append-turn.ts";
import { builder } from "./builder.ts";
import { MessageFragmentInput, toFragments } from "./message-fragment-input.ts";
import { TurnRoleType, TurnStateType } from "./turn.ts";

export const TurnInput = builder.inputType("TurnInput", {
  description: "A turn to store.",
  fields: (t) => ({
    role: t.field({ type: TurnRoleType, required: true, description: "The speaker." }),
    messages: t.field({
      type: [MessageFragmentInput],
      required: true,
      description: "The turn's fragments in order. Empty for a turn that is about to stream.",
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
  }),
});

/** The turn to store. BAD_USER_INPUT, naming the argument, for what breaks a rule that needs no look at the database. */
export function toNewTurn(argument: string, input: typeof TurnInput.$inferInput): NewTurn {
  const state = input.state ?? "done";
  if (input.role === "user" && state !== "done") throw badInput(`${argument}.state`, "A USER turn is always DONE.");
  if (input.role === "user" && (input.inReplyToId ?? null) !== null) {
    throw badInput(`${argument}.inReplyToId`, "Only an ASSISTANT turn replies.");
  }
  checkErrorDetail(`${argument}.errorDetail`, input.errorDetail, state);
  return {
    role: input.role,
    state,
    messages: toFragments(`${argument}.messages`, input.messages),
    errorDetail: input.errorDetail ?? null,
    inReplyToId: input.inReplyToId ?? null,
    timestamp: input.timestamp ?? new Date(),
  };
}

/** BAD_USER_INPUT for an error detail beside any state but ERROR. */
export function checkErrorDetail(argument: string, detail: string | null | undefined, state: string | null): void {
  if ((detail ?? null) === null || state === "error") return;
  throw badInput(argument, "`errorDetail` goes only with the state ERROR.");
}
