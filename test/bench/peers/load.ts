import { Pool } from "undici";

import type { Load, LoadOutcome } from "../load.ts";
import type { CheckedRequest } from "../requests.ts";

// A separate process, so that the cost of making the load counts for no contender.
process.on("message", async (load: Load) => {
  process.send?.(await run(load));
});
process.on("disconnect", () => process.exit());

/** Sends for so many seconds, then waits for what is under way: what was begun is counted, and so is its time. */
async function run({ origin, requests, connections, seconds }: Load): Promise<LoadOutcome> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  let answered = 0;
  let failed = 0;
  const start = performance.now();
  const deadline = start + seconds * 1000;
  const caller = async (first: number) => {
    for (let next = first; performance.now() < deadline; next += 1) {
      const request = requests[next % requests.length];
      if (request === undefined) throw new Error("There is nothing to send.");
      if (await isAnswered(pool, request)) answered += 1;
      else failed += 1;
    }
  };
  // Each caller begins at another request, or all of them would ask for the same at the same time.
  const firsts = Array.from({ length: connections }, (_, index) => Math.floor((index * requests.length) / connections));
  await Promise.all(firsts.map(caller));
  const elapsed = performance.now() - start;
  await pool.close();
  return { requests: answered, failed, seconds: elapsed / 1000 };
}

/** Whether the answer is the known right one: GraphQL reports errors under the status 200 too. */
async function isAnswered(pool: Pool, { bytes, ...request }: CheckedRequest): Promise<boolean> {
  try {
    const { statusCode, body } = await pool.request(request);
    let received = 0;
    for await (const chunk of body) received += chunk.length;
    return statusCode === 200 && (bytes === null || received === bytes);
  } catch {
    // Broken off, as a streamed answer is that goes wrong.
    return false;
  }
}
