import type { CombinedError } from "@urql/core";

/** The code of the first error that the server named; null where it named none, as when it does not answer. */
export function codeOf(error: CombinedError): string | null {
  const code = error.graphQLErrors[0]?.extensions.code;
  return typeof code === "string" ? code : null;
}

const MEANINGS: Record<string, string> = {
  NOT_FOUND: "It is not here (404): it was deleted, or belongs to what this key does not open.",
  SERVICE_UNAVAILABLE: "The database is away or busy.",
  TIMEOUT: "The read took too long, and was cancelled. Ask for less, or try again later.",
  PERSISTED_QUERY_ID_REQUIRED: "This server answers only trusted documents, and this page's are not among them.",
  PERSISTED_QUERY_NOT_IN_LIST: "This server answers only trusted documents, and this page's are not among them.",
};

/** What went wrong, for people: one or two sentences, with the request's id where the server's log has more. */
export function describeError(error: CombinedError): string {
  const [first] = error.graphQLErrors;
  if (first === undefined) return "The server does not answer.";
  const meaning = MEANINGS[codeOf(error) ?? ""];
  if (meaning !== undefined) return meaning;
  const { argument, requestId, code } = first.extensions;
  if (code === "INTERNAL_SERVER_ERROR") return `Something is wrong on the server, whose log has it under ${requestId}.`;
  if (code === "FORBIDDEN") return `${first.message} (403)`;
  return typeof argument === "string" ? `${first.message} (${argument})` : first.message;
}
