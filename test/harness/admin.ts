import postgres from "postgres";

/** Runs the work on a connection of its own to the cluster's maintenance database, and resolves to its result. */
export async function withAdmin<Result>(
  clusterUrl: string,
  work: (admin: postgres.Sql) => PromiseLike<Result>,
): Promise<Result> {
  const admin = postgres(clusterUrl, { max: 1, onnotice: () => {} });
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** The URL of a database in the cluster. */
export function databaseUrl(clusterUrl: string, name: string): string {
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  return url.href;
}
