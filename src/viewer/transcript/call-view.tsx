import { useState } from "preact/hooks";

import { formatBytes } from "./format.ts";
import { JsonTree, useIsTree } from "./json-view.tsx";
import { PlainText } from "./text-view.tsx";
import type { CallFragment, ResponseFragment } from "./turn.ts";

// Characters of the arguments that the folded call shows.
const TEASER = 100;

/** A call with its response, folded; its inside is made when it is opened. */
export function CallView({ call, response }: { call: CallFragment; response: ResponseFragment | null }) {
  const [isOpen, setOpen] = useState(false);
  const teaser = call.args.length > TEASER ? `${call.args.slice(0, TEASER)}…` : call.args;
  return (
    <details
      class="call"
      data-failed={response?.failed ?? false}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span class="kind">Call</span> <code class="name">{call.name}</code>
        {!isOpen && <code class="teaser">{teaser}</code>}
        <Outcome response={response} />
      </summary>
      {isOpen && (
        <>
          <h4>Arguments</h4>
          <JsonTree text={call.args} />
          <CallId id={call.callId} />
          {response !== null && <ResponseBody response={response} />}
        </>
      )}
    </details>
  );
}

/** A response whose call is not among the turns that are loaded. */
export function ResponseView({ response }: { response: ResponseFragment }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="call" data-failed={response.failed} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="kind">Response</span> <code class="name">{response.name}</code>
        <Outcome response={response} />
      </summary>
      {isOpen && (
        <>
          <CallId id={response.callId} />
          <ResponseBody response={response} />
        </>
      )}
    </details>
  );
}

function ResponseBody({ response: { response, failed } }: { response: ResponseFragment }) {
  return (
    <>
      <h4>{failed ? "Failed response" : "Response"}</h4>
      {useIsTree(response) ? <JsonTree text={response} /> : <PlainText text={response} />}
    </>
  );
}

function Outcome({ response }: { response: ResponseFragment | null }) {
  if (response === null) return <span class="outcome busy">no response</span>;
  if (response.failed) return <span class="outcome bad">failed</span>;
  return <span class="outcome good">{formatBytes(response.response)}</span>;
}

function CallId({ id }: { id: string | null }) {
  return id === null ? null : (
    <p class="call-id">
      Call id <code>{id}</code>
    </p>
  );
}
