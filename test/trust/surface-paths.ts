/** A read on each surface: GraphQL and the two lists. */
export const PATHS = [
  `/graphql?query=${encodeURIComponent("{ conversations { totalCount } }")}`,
  "/openai/v1/conversations",
  "/api/v1/agents/a/conversations",
] as const;
