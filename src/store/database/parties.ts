import { createPresence, type Presence } from "./presence.ts";

/** A sharer of a limited number of slots; or a group of sharers, with one share that its members divide. */
export interface Party {
  readonly name: string;
  /** The group of this party; null for the group of all. */
  readonly group: Party | null;
  readonly members: Map<string, Party>;
  /** The members that were seen recently. */
  readonly presence: Presence;
  /** Slots that the party holds, its members included. */
  held: number;
  /** Requests that wait for a slot, its members' included. */
  waiting: number;
  /** The waiting requests of the party itself, in order of arrival. */
  readonly passes: Pass[];
  /** The members with waiting requests, in the order of their turns. */
  readonly turns: Party[];
}

export type Pass = () => void;

// A party that was not seen for so long no longer counts: slots may be held for seconds.
const SEEN_MS = 10_000;
// The most members that are remembered although they hold nothing and wait for nothing.
const KNOWN_MEMBERS = 1000;

/** A party without members, slots or waiting requests. */
export function createParty(name: string, group: Party | null): Party {
  const presence = createPresence(SEEN_MS);
  return { name, group, members: new Map(), presence, held: 0, waiting: 0, passes: [], turns: [] };
}

/** The group's member with the name, created when unknown and marked as seen now. */
export function seeMember(group: Party, name: string): Party {
  group.presence.note(name);
  const known = group.members.get(name);
  if (known !== undefined) return known;
  if (group.members.size >= KNOWN_MEMBERS) forgetIdle(group.members);
  const member = createParty(name, group);
  group.members.set(name, member);
  return member;
}

/** Changes the number of slots that the party holds, and its groups with it. */
export function change(party: Party, by: 1 | -1): void {
  for (let each: Party | null = party; each !== null; each = each.group) each.held += by;
}

/** Adds a waiting request to the party. */
export function join(party: Party, pass: Pass): void {
  party.passes.push(pass);
  for (let each: Party | null = party; each !== null; each = each.group) {
    each.waiting += 1;
    if (each.waiting === 1) each.group?.turns.push(each);
  }
}

/** Removes a request that no longer waits. */
export function leave(party: Party, pass: Pass): void {
  party.passes.splice(party.passes.indexOf(pass), 1);
  for (let each: Party | null = party; each !== null; each = each.group) {
    each.waiting -= 1;
    if (each.waiting === 0) each.group?.turns.splice(each.group.turns.indexOf(each), 1);
  }
}

/**
 * The party with the next request, or null when none may have a slot. Members take turns, whatever number of requests
 * each has waiting; a member that may take no more is passed over.
 */
export function findNext(group: Party, mayTake: (member: Party) => boolean): Party | null {
  for (const member of group.turns) {
    if (!mayTake(member)) continue;
    const next = member.passes.length > 0 ? member : findNext(member, mayTake);
    if (next !== null) return next;
  }
  return null;
}

/**
 * Removes and returns the first waiting request of the party. The party's next turn, and its group's, comes after all
 * others.
 */
export function takeTurn(party: Party): Pass | undefined {
  const pass = party.passes.shift();
  for (let each: Party | null = party; each !== null; each = each.group) {
    each.waiting -= 1;
    each.group?.turns.splice(each.group.turns.indexOf(each), 1);
    if (each.waiting > 0) each.group?.turns.push(each);
  }
  return pass;
}

/** Whether another member of the party's group waits or was seen recently. */
export function hasOthers({ group, name, waiting }: Party): boolean {
  return group !== null && (group.waiting > waiting || group.presence.hasOther(name));
}

function forgetIdle(members: Map<string, Party>): void {
  for (const [name, { held, waiting }] of members) if (held === 0 && waiting === 0) members.delete(name);
}
