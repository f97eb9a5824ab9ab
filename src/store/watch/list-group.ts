import type { ConversationFilter } from "../read/conversations.ts";
import type { Scope } from "../sql/scope.ts";
import { type ConversationChange, toChange } from "./list-change.ts";
import { type ListPosition, MAX_TOLD, positionAt, type Told, tagOf } from "./list-position.ts";
import type { ChangedId, ConversationState, Fit } from "./read-states.ts";

/** A watcher of a list, as the feed of its project knows it. */
export interface Member {
  /** Its filter, under a name that equal ones share; null for none. */
  filter: { name: string; filter: ConversationFilter } | null;
  withMessages: boolean;
  deliver(change: ConversationChange): void;
  /** Has the watcher read by itself what it may have missed. */
  fallBehind(): void;
  /** Ends the watch with the error. */
  fail(error: unknown): void;
}

/** The watchers of one scope: they see the same, and are told it in the same objects. */
export interface ListGroup {
  readonly scope: Scope;
  readonly members: Set<Member>;
  /** Takes what changed for told: a watcher that comes later has read it. */
  know(changed: ChangedId): void;
  tell(state: ConversationState, fitOf: (filter: string) => Fit | undefined): void;
  /** Where a watcher begins that has read all up to the instant. */
  positionAt(instant: number): ListPosition;
}

export function createListGroup(scope: Scope): ListGroup {
  const members = new Set<Member>();
  const told: Told[] = [];
  const know = (id: string, revision: number | null, changedAt: number) => {
    told.push({ tag: tagOf(id, revision), changedAt });
    if (told.length > MAX_TOLD) told.shift();
  };
  return {
    scope,
    members,
    know: ({ id, revision, changedAt }) => know(id, revision, changedAt),
    tell(state, fitOf) {
      know(state.id, state.conversation?.revision ?? null, state.changedAt);
      const position = positionAt(state.readAt, told);
      const changes = new Map<Fit, ConversationChange | null>();
      for (const member of members) {
        const fit = member.filter === null ? "fits" : fitOf(member.filter.name);
        if (fit === undefined) {
          member.fallBehind();
          continue;
        }
        const change = changes.has(fit) ? changes.get(fit) : toChange(state, fit, position);
        changes.set(fit, change ?? null);
        if (change != null) member.deliver(change);
      }
    },
    positionAt: (instant) => positionAt(instant, told),
  };
}
