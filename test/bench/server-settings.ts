import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The settings that the bench gives to every server, under the project's own names. */
export function readSettings(): { databaseUrl: string; poolSize: number } {
  const { DATABASE_URL: databaseUrl = "", POOL_SIZE: poolSize } = process.env;
  return { databaseUrl, poolSize: Number(poolSize) };
}

/** Listens on a free port, and says so in the words of the project. */
export function announce(server: Server): void {
  server.listen(0, "127.0.0.1", () => {
    // A server that listens on a port has an address of this form.
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`listening on http://127.0.0.1:${port}/graphql\n`);
  });
}
