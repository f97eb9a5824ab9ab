import type { PausableEvents } from "../../store/watch/watch-iterator.ts";
import type { WatchedEvent } from "./answered-event.ts";

/** A watcher, whose stream others may write to. */
export interface Watcher {
  /** Its own events; null where nothing can stand in for them. */
  events: PausableEvents<WatchedEvent> | null;
  /** Whether its reader keeps up. */
  hasRoom(): boolean;
  write(bytes: Buffer): void;
}

/** An event as it is written for all who ask the same of it. */
export interface WrittenEvent {
  event: WatchedEvent | null;
  bytes: Buffer;
}

/** Writes events to those who watch the same. */
export interface FanOut {
  /** Writes what the watcher's own events gave: to it, and to those it reads for. */
  tell(watcher: Watcher, written: WrittenEvent): void;
  /** Has every watcher that this one reads for read for itself: its events end, or what it is told next is its own matter. */
  separate(watcher: Watcher): void;
  /** To be called once for a watcher that leaves. One of those it reads for goes on for the others. */
  leave(watcher: Watcher): void;
}

/** Those who were told the same last. One of them reads, the others are paused. */
interface Group {
  followers: Set<Watcher>;
  last: WrittenEvent | null;
}

/**
 * Watchers who get the same written event, one object, go on together: from then on one of them takes events through the whole
 * pipeline, and its bytes are written to all. A reader that does not keep up is left behind at the last event that it got: it reads for
 * itself, until it gets the same as others again.
 */
export function createFanOut(): FanOut {
  const groups = new WeakMap<Watcher, Group>();
  const groupsAt = new WeakMap<WrittenEvent, Group>();

  const groupOf = (watcher: Watcher): Group => {
    const group = groups.get(watcher) ?? { followers: new Set(), last: null };
    groups.set(watcher, group);
    return group;
  };
  const putOnItsOwn = (follower: Watcher, { followers, last }: Group) => {
    followers.delete(follower);
    groups.delete(follower);
    if (last?.event != null) follower.events?.resume(last.event);
  };
  const handOver = (watcher: Watcher) => {
    const group = groupOf(watcher);
    groups.delete(watcher);
    if (group.followers.delete(watcher)) return;
    for (const next of group.followers) {
      putOnItsOwn(next, group);
      if (!next.hasRoom()) continue;
      groups.set(next, group);
      return;
    }
    // One without a reader is none to join.
    group.last = null;
  };
  const join = (watcher: Watcher, group: Group, own: Group) => {
    watcher.events?.pause();
    for (const one of [watcher, ...own.followers]) {
      group.followers.add(one);
      groups.set(one, group);
    }
  };

  return {
    tell(watcher, written) {
      const own = groupOf(watcher);
      for (const follower of own.followers) {
        if (follower.hasRoom()) follower.write(written.bytes);
        else putOnItsOwn(follower, own);
      }
      own.last = written;
      const others = groupsAt.get(written);
      // A group that has gone on is none to join.
      const joins = others?.last === written && watcher.events !== null;
      if (joins) join(watcher, others, own);
      else groupsAt.set(written, own);
      watcher.write(written.bytes);
      // It asks for nothing more until its reader keeps up: the others must not wait for that.
      if (!joins && !watcher.hasRoom()) handOver(watcher);
    },
    separate(watcher) {
      const group = groupOf(watcher);
      if (group.followers.has(watcher)) return putOnItsOwn(watcher, group);
      for (const follower of group.followers) putOnItsOwn(follower, group);
    },
    leave: handOver,
  };
}
