import { createPresence, type Presence } from "./presence.ts";

/** One of those who share something; or several of them, who have one share together, and share that among themselves. */
export interface Party {
  readonly name: string;
  /** The one that it is a member of; null for all together. */
  readonly group: Party | null;
  readonly members: Map<string, Party>;
  /** Which members were here of late. */
  readonly presence: Presence;
  /** How much it has, with its members. */
  held: number;
  /** How many wait on its behalf, and its members'. */
  waiting: number;
  /** Lets each of its own through, in the order in which they came. */
  readonly passes: Pass[];
  /** Those members on whose behalf some wait, in the order of their turns. */
  readonly turns: Party[];
}

export type Pass = () => void;

// After this a party that was not seen plays no part: what one takes may take seconds.
const SEEN_MS = 10_000;
// As many members are known although they have nothing and wait for nothing.
const KNOWN_MEMBERS = 1000;

/** A party without members that has nothing and waits for nothing. */
export function createParty(name: string, group: Party | null): Party {
  const presence = createPresence(SEEN_MS);
  return { name, group, members: new Map(), presence, held: 0, waiting: 0, passes: [], turns: [] };
}

/** The member with the name, which is here now. */
export function seeMember(group: Party, name: string): Party {
  group.presence.note(name);
  const known = group.members.get(name);
  if (known !== undefined) return known;
  if (group.members.size >= KNOWN_MEMBERS) forgetIdle(group.members);
  const member = createParty(name, group);
  group.members.set(name, member);
  return member;
}

/** Changes how much the party has, and so its group. */
export function change(party: Party, by: 1 | -1): void {
  for (let each: Party | null = party; each !== null; each = each.group) each.held += by;
}

/** Has the pass wait on the party's behalf. */
export function join(party: Party, pass: Pass): void {
  party.passes.push(pass);
  for (let each: Party | null = party; each !== null; each = each.group) {
    each.waiting += 1;
    if (each.waiting === 1) each.group?.turns.push(each);
  }
}

/** Takes the pass out, which waits no longer. */
export function leave(party: Party, pass: Pass): void {
  party.passes.splice(party.passes.indexOf(pass), 1);
  for (let each: Party | null = party; each !== null; each = each.group) {
    each.waiting -= 1;
    if (each.waiting === 0) each.group?.turns.splice(each.group.turns.indexOf(each), 1);
  }
}

/**
 * The one on whose behalf some wait and whose turn it is: members take turns, whatever number each of them has waiting, and
 * those who may not take any more are passed over. Null when there is none.
 */
export function findNext(group: Party, mayTake: (member: Party) => boolean): Party | null {
  for (const member of group.turns) {
    if (!mayTake(member)) continue;
    const next = member.passes.length > 0 ? member : findNext(member, mayTake);
    if (next !== null) return next;
  }
  return null;
}

/** Takes out the first pass of a party that has some waiting. Its next turn, and its group's, is after all others. */
export function takeTurn(party: Party): Pass | undefined {
  const pass = party.passes.shift();
  for (let each: Party | null = party; each !== null; each = each.group) {
    each.waiting -= 1;
    each.group?.turns.splice(each.group.turns.indexOf(each), 1);
    if (each.waiting > 0) each.group?.turns.push(each);
  }
  return pass;
}

/** Whether any other member of its group waits or was seen of late. */
export function hasOthers({ group, name, waiting }: Party): boolean {
  return group !== null && (group.waiting > waiting || group.presence.hasOther(name));
}

function forgetIdle(members: Map<string, Party>): void {
  for (const [name, { held, waiting }] of members) if (held === 0 && waiting === 0) members.delete(name);
}
