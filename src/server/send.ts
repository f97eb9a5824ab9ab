import type { ServerResponse } from "node:http";

import type { Config } from "../config.ts";
import type { Answer } from "../http/answer.ts";
import { createCompress } from "../http/compress.ts";
import { unbuffered } from "../http/event-stream.ts";
import { sendAnswer } from "../http/send-answer.ts";

/** Sends an answer as the settings of the transport have it; resolves and rejects as `sendAnswer` does. */
export type Send = (response: ServerResponse, answer: Answer) => Promise<void>;

export function createSend({ compression, compressionMinBytes, proxyBuffering }: Config): Send {
  const compress = createCompress(compression, compressionMinBytes);
  return async (response, answer) => {
    await sendAnswer(response, await compress(response.req, proxyBuffering ? answer : unbuffered(answer)));
  };
}
