import type postgres from "postgres";

/** Breaks every connection that servers have to the database; answers how many there were. */
export async function terminateBackends(admin: postgres.Sql): Promise<number> {
  const ended = await admin`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'conversation-graph'`;
  return ended.length;
}
