import type { Answer } from "./answer.ts";
import { isEventStream } from "./event-stream.ts";

/** The answer of a handler that speaks the Fetch API. An event stream stays a stream; any other body is read. */
export async function fetchAnswer(response: Response): Promise<Answer> {
  // The Fetch API's names are in lower case. Those of Yoga's own Headers are as they were written.
  const named = Array.from(response.headers, ([name, value]) => [name.toLowerCase(), value]);
  // How the body travels is told once it is sent: Yoga says "chunked" of some, which are whole here.
  const {
    "content-encoding": coding,
    "transfer-encoding": _transfer,
    ...headers
  }: Record<string, string> = Object.fromEntries(named);
  const { status } = response;
  // Yoga says "none" of its event streams, which is no coding.
  const head = coding === undefined || coding === "none" ? headers : { ...headers, "content-encoding": coding };
  const answer = { status, headers: head, body: "" };
  if (isEventStream(answer) && response.body !== null) return { ...answer, body: response.body };
  const { buffer, byteOffset, byteLength } = await response.bytes();
  return { ...answer, body: Buffer.from(buffer, byteOffset, byteLength) };
}
