import type { JWTPayload } from "jose";

import type { Config } from "../../config.ts";
import { isolationKeyFault, isProjectId } from "../../model/rules.ts";
import type { Scope } from "../../store/sql/scope.ts";
import { CredentialRefused } from "../credential.ts";

/** What a verified token opens: one user of one project. */
export interface TokenRights {
  scope: Scope & { isolationKey: string };
  readOnly: boolean;
}

type Rules = Pick<Config, "authUserClaim" | "authProject" | "authProjectClaim" | "authWriteScope">;

/** The rights that the claims of a verified token give. Throws CredentialRefused, which names the claim, for one that breaks its rule. */
export function readRights(claims: JWTPayload, rules: Rules): TokenRights {
  const { authUserClaim, authProject, authProjectClaim, authWriteScope } = rules;
  const isolationKey = readText(claims, authUserClaim);
  const fault = isolationKeyFault(isolationKey);
  if (fault !== null) throw badClaim(authUserClaim, fault);
  const projectId = authProjectClaim === undefined ? authProject : readText(claims, authProjectClaim);
  if (!isProjectId(projectId)) throw badClaim(authProjectClaim, "must be the name of a project");
  const readOnly = authWriteScope !== undefined && !scopesOf(claims).includes(authWriteScope);
  return { scope: { projectId, isolationKey }, readOnly };
}

function readText(claims: JWTPayload, name: string): string {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value === "string") return value;
  throw badClaim(name, "must be a text");
}

/** The scopes, which issuers write as a text with spaces or as a list, under either name. */
function scopesOf({ scope, scp }: JWTPayload): unknown[] {
  return [scope, scp].flatMap((value) => (typeof value === "string" ? value.split(" ") : value));
}

function badClaim(name: string | undefined, rule: string): CredentialRefused {
  return new CredentialRefused("invalid", `The token is not valid: its claim ${name} ${rule}.`);
}
