import { stringifyDocument } from "@urql/core";
import { useContext } from "preact/hooks";

import { Link } from "../place/link.tsx";
import { headersOf, readSession } from "../session/session.ts";
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
  const actions = [
    { name: "Copy", label: `Copy turn ${position}`, act: () => copy(turnToText(turn), "The turn") },
    { name: "GraphQL", label: `GraphQL of turn ${position}`, act: () => copy(toGraphQL(document(), id), "The query") },
    { name: "curl", label: `curl of turn ${position}`, act: () => copy(curl(), "The command") },
  ];
  return (
    <div class="actions">
      {actions.map(({ name, label, act }) => (
        <button key={name} type="button" class="quiet" aria-label={label} onClick={act}>
          {name}
        </button>
      ))}
      <Link class="permalink" to={{ turn: id }} aria-label={`#${position}: link to this turn`}>
        #{position}
      </Link>
    </div>
  );
}

/** The session's headers, with a shell's variables in the place of what they hold. */
function secretHeaders(): Record<string, string> {
  const { key, user } = readSession();
  return headersOf({ key: key && "$CONVERSATIONS_KEY", user: user && "$CONVERSATIONS_USER" });
}
