export interface Cluster {
  /** The URL of its maintenance database, as a superuser. */
  url: string;
  stop(): Promise<void>;
}

/** The PostgreSQL of a test run. */
export async function startCluster(): Promise<Cluster> {
  const url = process.env["TEST_DATABASE_URL"];
  if (url === undefined) throw new Error("TEST_DATABASE_URL is not set.");
  return { url, stop: async () => {} };
}
