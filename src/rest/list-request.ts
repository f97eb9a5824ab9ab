import type { Run } from "../graphql/pipeline/stored-document.ts";

/** A request of one of the REST lists, after the server found its route and let its caller in. */
export interface ListRequest {
  query: URLSearchParams;
  /** Runs documents of ours within what the caller may see. */
  run: Run;
}
