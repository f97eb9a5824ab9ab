import { objectsToTexts } from "../json/json-text.ts";
import { untilAborted } from "./until-aborted.ts";

/** The fields whose values are JSON objects. */
export const OBJECT_FIELDS: ReadonlySet<string> = new Set(["args", "json", "metadata"]);

/**
 * `fetch` for answers of the graph, in which objects of JSON are strings that hold them as the server wrote them: parsed, they
 * would lose digits and the order of keys. Event streams pass as they come, until they are aborted.
 */
export const exactFetch: typeof fetch = async (...request) => {
  const response = await fetch(...request);
  if (!response.headers.get("content-type")?.includes("json")) return untilAborted(response, request[1]?.signal);
  const { status, statusText, headers } = response;
  return new Response(objectsToTexts(await response.text(), OBJECT_FIELDS), { status, statusText, headers });
};
