import type { Database } from "../database/client.ts";
import type { ConversationFilter } from "../read/conversations.ts";
import { type Scope, sees } from "../sql/scope.ts";
import { createListGroup, type ListGroup, type Member } from "./list-group.ts";
import { type ListPosition, UNSETTLED_MS } from "./list-position.ts";
import { createPacer } from "./pacer.ts";
import {
  type ChangedId,
  type ConversationState,
  type Fit,
  readChangedIds,
  readStates,
  STATES_PER_READ,
} from "./read-states.ts";
import { AWAY, TRY_AGAIN_MS, toOutage } from "./watch-iterator.ts";

// Finds commits of a process that died before it announced them.
const LOOK_AGAIN_MS = 10_000;
// What a statement asks of a conversation grows with the filters.
const FILTERS_PER_READ = 50;

/** Tells the watchers of a project's lists what changed: one read of a change for all of them. */
export interface ProjectFeed {
  /** Adds the watcher. Resolves, once every later commit is told it, to its position. One statement for the first one. */
  join(scope: Scope, member: Member): Promise<ListPosition>;
  leave(scope: Scope, member: Member): void;
  countMembers(): number;
  /** To be called when the conversation may have changed; null when any may have. */
  wake(id: string | null): void;
  end(): void;
}

export function createProjectFeed(database: Database, projectId: string): ProjectFeed {
  const groups = new Map<string | null, ListGroup>();
  // What changed lately: what a notification says once more is not told once more.
  const known = new Map<string, ChangedId>();
  let readAt: number | null = null;
  let begun: Promise<void> | null = null;

  const membersOf = () => [...groups.values()].flatMap(({ members }) => [...members]);
  const isKnown = ({ id, revision }: ChangedId) => known.get(id)?.revision === revision;
  const remember = (changed: ChangedId) => {
    known.delete(changed.id);
    known.set(changed.id, changed);
  };
  const seers = (user: string | null) => [...groups.values()].filter(({ scope }) => sees(scope, user));
  const tell = (state: ConversationState, fitOf: (filter: string) => Fit | undefined) => {
    const { id, isolationKey, changedAt, conversation } = state;
    const changed = { id, isolationKey, changedAt, revision: conversation?.revision ?? null };
    readAt = Math.max(readAt ?? 0, state.readAt);
    if (isKnown(changed)) return;
    remember(changed);
    for (const group of seers(isolationKey)) group.tell(state, fitOf);
  };

  const readAndTell = async (ids: readonly string[]) => {
    const members = membersOf();
    const filters = new Map(members.flatMap(({ filter }) => (filter === null ? [] : [[filter.name, filter.filter]])));
    const wanted = { scope: { projectId, isolationKey: null }, withMessages: members.some((one) => one.withMessages) };
    const parts = split(filters, FILTERS_PER_READ);
    const found = await Promise.all(parts.map((some) => readStates(database, { ...wanted, filters: some }, ids)));
    for (const state of found[0] ?? []) {
      // Reads at different moments may have found different states: what only another one says is not known.
      const same = found.map((states) =>
        states.find(
          ({ id, conversation }) => id === state.id && conversation?.revision === state.conversation?.revision,
        ),
      );
      tell(state, (filter) => fitIn(same, filter));
    }
  };
  const pacer = createPacer(STATES_PER_READ, async (ids) => {
    if (membersOf().length === 0) return null;
    const read = await readAndTell(ids).catch(toOutage).catch(fail);
    return read === AWAY ? TRY_AGAIN_MS : null;
  });
  const fail = (error: unknown) => {
    for (const member of membersOf()) member.fail(error);
  };

  /** Finds what changed since the last look, or lately. */
  const look = async (onFound: (changed: ChangedId) => void) => {
    const since = readAt === null ? null : readAt - UNSETTLED_MS;
    for await (const found of readChangedIds(database, projectId, since)) {
      readAt = Math.max(readAt ?? 0, found.readAt);
      for (const changed of found.changed) if (!isKnown(changed)) onFound(changed);
    }
    const old = (readAt ?? 0) - 2 * UNSETTLED_MS - LOOK_AGAIN_MS;
    for (const [id, { changedAt }] of known) if (changedAt < old) known.delete(id);
  };
  const lookAgain = () => look(({ id }) => pacer.add(id)).catch(() => {});
  const timer = setInterval(() => void lookAgain(), LOOK_AGAIN_MS).unref();
  const begin = async () => {
    await look((changed) => {
      remember(changed);
      for (const group of seers(changed.isolationKey)) group.know(changed);
    });
  };
  const groupOf = (scope: Scope): ListGroup => {
    const existing = groups.get(scope.isolationKey);
    if (existing !== undefined) return existing;
    const group = createListGroup(scope);
    for (const changed of known.values()) if (sees(scope, changed.isolationKey)) group.know(changed);
    groups.set(scope.isolationKey, group);
    return group;
  };

  return {
    async join(scope, member) {
      const group = groupOf(scope);
      group.members.add(member);
      begun ??= begin();
      await begun.catch((error: unknown) => {
        begun = null;
        throw error;
      });
      return group.positionAt(readAt ?? 0);
    },
    leave(scope, member) {
      const group = groups.get(scope.isolationKey);
      group?.members.delete(member);
      if (group?.members.size === 0) groups.delete(scope.isolationKey);
    },
    countMembers: () => membersOf().length,
    wake(id) {
      if (id !== null) pacer.add(id);
      else if (begun !== null) void lookAgain();
    },
    end() {
      clearInterval(timer);
      pacer.end();
    },
  };
}

type Filters = ReadonlyMap<string, ConversationFilter>;

function split(filters: Filters, size: number): Filters[] {
  const all = [...filters];
  const parts = Math.max(1, Math.ceil(all.length / size));
  return Array.from({ length: parts }, (_, part) => new Map(all.slice(part * size, (part + 1) * size)));
}

function fitIn(states: readonly (ConversationState | undefined)[], filter: string): Fit | undefined {
  return states.map((state) => state?.fits.get(filter)).find((fit) => fit !== undefined);
}
