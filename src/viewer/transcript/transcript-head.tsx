import { useState } from "preact/hooks";

import { useClient } from "../graph/client.ts";
import { describeError } from "../graph/errors.ts";
import type { Head } from "./documents.ts";
import { type DownloadFormat, download } from "./download.ts";
import { formatCount, formatInstant } from "./format.ts";
import { toClientError } from "./load-turns.ts";

/** What the conversation is, and its downloads. `say` announces how they go. */
export function TranscriptHead({ head, say }: { head: Head; say(words: string): void }) {
  const client = useClient();
  const [progress, setProgress] = useState<string | null>(null);
  const { id, title, agent, user, createdAt } = head;
  const start = async (format: DownloadFormat) => {
    setProgress("Reading…");
    try {
      const isThere = await download(client, id, format, (turns) => setProgress(`Read ${formatCount(turns, "turn")}…`));
      say(isThere ? "The conversation is downloaded." : "The conversation is gone.");
    } catch (error) {
      say(describeError(toClientError(error)));
    } finally {
      setProgress(null);
    }
  };
  return (
    <header class="transcript-head">
      <h2 dir="auto">{title ?? "Conversation"}</h2>
      <p>
        {agent !== null && <span>{agent.agentId}</span>}
        {user !== null && <span dir="auto">{user}</span>}
        <time dateTime={createdAt} title={createdAt}>
          {formatInstant(createdAt)}
        </time>
        <code>{id}</code>
      </p>
      <div class="actions">
        <button
          type="button"
          disabled={progress !== null}
          aria-label="Download as JSON Lines"
          onClick={() => start("jsonl")}
        >
          JSON Lines
        </button>
        <button
          type="button"
          disabled={progress !== null}
          aria-label="Download as Markdown"
          onClick={() => start("md")}
        >
          Markdown
        </button>
        {progress !== null && <span>{progress}</span>}
      </div>
    </header>
  );
}
