import { badInput } from "../../model/errors.ts";
import { isIdOf, type NodeKind } from "../../model/ids.ts";

/** The description of every id that a caller may choose. */
export const OWN_ID =
  "An id of the caller's choice, 1 to 128 printable ASCII characters; the server makes one when it is left out. CONFLICT when it names an object of the project already, whoever's it is.";

/** The id; BAD_USER_INPUT for one that no object of the kind can have. */
export function checkOwnId(argument: string, kind: NodeKind, id: string): string {
  if (isIdOf(kind, id)) return id;
  const prefix = kind === "turn" ? "conv_" : "turn_";
  throw badInput(argument, `An id has 1 to 128 printable ASCII characters, and does not begin with \`${prefix}\`.`);
}
