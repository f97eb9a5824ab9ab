import { stringifyDocument } from "@urql/core";
import { useContext } from "preact/hooks";

import { Link } from "../place/link.tsx";
import { readSession } from "../session/session.ts";
import { toCurl, toGraphQL } from "./copy-as.ts";
import { TURN } from "./documents.ts";
import { CopyContext } from "./transcript-copy.ts";
import type { Turn } from "./turn.ts";
import { turnToText } from "./turns-to-markdown.ts";

/** What can be done with a turn. */
export function TurnActions({ turn }: { turn: Turn }) {
  const copy = useContext(CopyContext);
  const { id, position } = turn;
  const document = () => stringifyDocument(TURN);
  const curl = () => toCurl(new URL("graphql", globalThis.document.baseURI).href, document(), id, secretHeaders());
  return (
    <div class="actions">
      <button
        type="button"
        class="quiet"
        aria-label={`Copy turn ${position}`}
        onClick={() => copy(turnToText(turn), "The turn")}
      >
        Copy
      </button>
      <button
        type="button"
        class="quiet"
        aria-label={`GraphQL of turn ${position}`}
        onClick={() => copy(toGraphQL(document(), id), "The query")}
      >
        GraphQL
      </button>
      <button
        type="button"
        class="quiet"
        aria-label={`curl of turn ${position}`}
        onClick={() => copy(curl(), "The command")}
      >
        curl
      </button>
      <Link class="permalink" to={{ turn: id }} aria-label={`#${position}: link to this turn`}>
        #{position}
      </Link>
    </div>
  );
}

/** The session's headers, with a shell's variables in the place of what they hold. */
function secretHeaders(): Record<string, string> {
  const { key, user } = readSession();
  return {
    ...(key !== "" && { authorization: "Bearer $CONVERSATIONS_KEY" }),
    ...(user !== "" && { "x-ms-user-isolation-key": "$CONVERSATIONS_USER" }),
  };
}
