import type { ComponentChildren } from "preact";

import { Link } from "./place/link.tsx";
import { useNavigation } from "./place/use-place.ts";
import type { Session } from "./session/session.ts";

/** Pages of the server that this one links to. */
export interface Pages {
  graphiql: boolean;
  docs: boolean;
}

interface Props {
  pages: Pages;
  session: Session;
  onForget(): void;
  list: ComponentChildren;
  /** false where no conversation is open. */
  transcript: ComponentChildren;
}

/** The frame: a bar, and two panes, of which a narrow screen shows one at a time. */
export function Shell({ pages, session, onForget, list, transcript }: Props) {
  const { place } = useNavigation();
  const isOpen = place.conversation !== "";
  return (
    <div class="shell" data-open={isOpen}>
      <header class="bar">
        <h1>
          <a href="./">Conversations</a>
        </h1>
        <nav aria-label="Other pages">
          {pages.graphiql && <a href="graphql">GraphiQL</a>}
          {pages.docs && <a href="docs">REST API</a>}
        </nav>
        {session.user !== "" && <span class="session-user">{session.user}</span>}
        {session.key !== "" && (
          <button type="button" onClick={onForget}>
            Forget key
          </button>
        )}
      </header>
      <main class="panes">
        <section class="pane list-pane" aria-label="List of conversations">
          {list}
        </section>
        <section class="pane transcript-pane" aria-label="Conversation">
          {isOpen ? (
            <>
              <Link class="back" to={{ conversation: "", turn: "" }}>
                <span aria-hidden="true">←</span> All conversations
              </Link>
              {transcript}
            </>
          ) : (
            <p class="hint">
              Open a conversation. <kbd>/</kbd> searches, <kbd>j</kbd> and <kbd>k</kbd> move in the list,{" "}
              <kbd>Enter</kbd> opens, <kbd>Esc</kbd> closes.
            </p>
          )}
        </section>
      </main>
    </div>
  );
}
