import type { Database } from "../database/client.ts";
import type { Scope } from "../sql/scope.ts";
import type { Member } from "./list-group.ts";
import type { ListPosition } from "./list-position.ts";
import { createProjectFeed, type ProjectFeed } from "./project-feed.ts";

/** Tells the watchers of lists what changes in their projects. */
export interface ConversationFeed {
  /** Adds the watcher. Resolves, once every later commit is told it, to its position. */
  join(scope: Scope, member: Member): Promise<ListPosition>;
  /** Ends what `join` began, also where that failed or has not resolved. */
  leave(scope: Scope, member: Member): void;
  /** The number of watchers. */
  countMembers(): number;
}

/** Calls `wake` with the id of each conversation of the project that may have changed, with null where any may have. */
export type WatchProject = (projectId: string, wake: (conversationId: string | null) => void) => () => void;

/** A feed on the database. A project that nobody watches costs nothing. */
export function createConversationFeed(database: Database, watchProject: WatchProject): ConversationFeed {
  const projects = new Map<string, { feed: ProjectFeed; endWatch: () => void }>();
  const begin = (projectId: string) => {
    const feed = createProjectFeed(database, projectId);
    const project = { feed, endWatch: watchProject(projectId, feed.wake) };
    projects.set(projectId, project);
    return project;
  };
  return {
    join: (scope, member) => (projects.get(scope.projectId) ?? begin(scope.projectId)).feed.join(scope, member),
    leave(scope, member) {
      const project = projects.get(scope.projectId);
      project?.feed.leave(scope, member);
      if (project?.feed.countMembers() !== 0) return;
      project.endWatch();
      project.feed.end();
      projects.delete(scope.projectId);
    },
    countMembers: () => [...projects.values()].reduce((sum, { feed }) => sum + feed.countMembers(), 0),
  };
}
