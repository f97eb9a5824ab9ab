import { memo } from "preact/compat";

import { membersOf } from "../json/json-text.ts";
import { CallView, ResponseView } from "./call-view.tsx";
import { formatCount, formatInstant } from "./format.ts";
import { MarkdownText } from "./text-view.tsx";
import type { ResponseFragment, Turn } from "./turn.ts";
import { TurnActions } from "./turn-actions.tsx";

export interface TurnViewProps {
  turn: Turn;
  /** By fragment: of a call, its response; of a response, itself where its call is not there; null for the others. */
  responses: readonly (ResponseFragment | null)[];
  /** Whether the page's URL names the turn. */
  isTarget: boolean;
}

/** A turn: who said it, and its fragments in order. */
export const TurnView = memo(
  ({ turn, responses, isTarget }: TurnViewProps) => {
    const { id, role, state, timestamp, messages, errorDetail, metadata } = turn;
    return (
      <li
        class={`turn ${role.toLowerCase()}`}
        id={`turn-${id}`}
        data-state={state}
        aria-current={isTarget || undefined}
      >
        <header>
          <h3>{role === "USER" ? "User" : "Assistant"}</h3>
          <time dateTime={timestamp} title={timestamp}>
            {formatInstant(timestamp)}
          </time>
          {state !== "DONE" && <span class={`state ${state.toLowerCase()}`}>{STATES[state]}</span>}
          <Notes metadata={metadata} />
          <TurnActions turn={turn} />
        </header>
        {messages.map((fragment, index) => (
          <FragmentView key={index} fragment={fragment} response={responses[index] ?? null} />
        ))}
        <ElsewhereNote turn={turn} responses={responses} />
        {state === "ERROR" && <p class="fault">{errorDetail ?? "It failed, and no reason was given."}</p>}
      </li>
    );
  },
  // Pairs are found again with each change of any turn.
  (one, other) =>
    one.turn === other.turn &&
    one.isTarget === other.isTarget &&
    one.responses.every((response, index) => response === other.responses[index]),
);

const STATES = { IN_PROGRESS: "in progress", STOPPED: "stopped", ERROR: "failed" };

function FragmentView({
  fragment,
  response,
}: {
  fragment: Turn["messages"][number];
  response: ResponseFragment | null;
}) {
  switch (fragment.__typename) {
    case "TextFragment":
      return <MarkdownText text={fragment.content} isGrowing={fragment.fragmentState === "IN_PROGRESS"} />;
    case "FunctionCallFragment":
      return <CallView call={fragment} response={response} />;
    case "FunctionResponseFragment":
      return response === null ? null : <ResponseView response={fragment} />;
  }
}

/** Says where the responses are of a turn that would look empty without them. */
function ElsewhereNote({ turn: { messages }, responses }: Pick<TurnViewProps, "turn" | "responses">) {
  const isElsewhere = messages.map(
    ({ __typename }, index) => __typename === "FunctionResponseFragment" && (responses[index] ?? null) === null,
  );
  if (messages.length === 0 || !isElsewhere.every(Boolean)) return null;
  return <p class="note">{formatCount(messages.length, "response")}, shown with the call above.</p>;
}

/** The turn's metadata: a model, tokens, a rating. */
function Notes({ metadata }: { metadata: string }) {
  const pairs = membersOf(metadata);
  return pairs.length === 0 ? null : (
    <dl class="notes">
      {pairs.map(({ key, value }) => (
        <div key={key}>
          <dt>{JSON.parse(key ?? '""')}</dt>
          <dd dir="auto">{JSON.parse(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
