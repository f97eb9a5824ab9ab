import type { Run } from "../graphql/pipeline/rows.ts";

/** A request of one of the REST lists, after the server found its route and let its caller in. */
export interface ListRequest {
  query: URLSearchParams;
  /** Runs stored documents within what the caller may see. */
  run: Run;
}
