import { useEffect, useState } from "preact/hooks";

import { useClient } from "../graph/client.ts";
import { describeError } from "../graph/errors.ts";
import { Link } from "../place/link.tsx";
import { CONVERSATIONS, type Row } from "./documents.ts";

/** The conversations, newest activity first. */
export function List() {
  const client = useClient();
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    client
      .query(CONVERSATIONS, { first: 40, after: null, filter: null })
      .toPromise()
      .then(({ data, error }) => {
        setFault(error === undefined ? null : describeError(error));
        setRows(data?.conversations.edges.map(({ node }) => node) ?? []);
      });
  }, [client]);
  return (
    <>
      {fault !== null && <p role="alert">{fault}</p>}
      <ul class="rows">
        {rows.map(({ id, title, preview }) => (
          <li key={id}>
            <Link class="row" to={{ conversation: id, turn: "" }}>
              {title ?? preview ?? "Nothing said yet"}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
